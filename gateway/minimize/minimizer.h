// Record → Release: what one purpose may know of one message. Applies a ReleasePlan's rules field
// by field, keeps the state that rules need (last released cell, last released time), and writes
// the payload in the codec and schema it came in. Does not decide consent or validity of the policy
// (pipeline.h), nor who the car is (seal).
//
// Each mechanism is a unit of its own: cell, hysteresis, trip_ends (ring hold-back), aggregate,
// coarsen, time_bucket, pseudonymize, generalize, rate, topic. A record's items pass through walk;
// position_tracker pairs and places positions; delay_line holds what waits; protobuf_writer and
// json_writer write what is left.
//
// Not guaranteed: that a list hides how many elements it has (those that fall into one cell are
// repeated), or that a series of cells hides a route.
#pragma once

#include <memory>
#include <vector>

#include "crypto/secret_bytes.h"
#include "gateway/account.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// Keys for `pseudonymize {}` on a field: HMAC-SHA256 under it, first 8 bytes in hex. Bound to
// purpose and epoch.
class FieldKeys {
 public:
  virtual ~FieldKeys() = default;
  // Null where the purpose has no pseudonym: the field is then dropped. Valid until the next epoch
  // change.
  [[nodiscard]] virtual const SecretBytes<32>* field_key(PurposeIndex purpose) const = 0;
};

// What happened to one field, for `policy explain`. Only in tools; null on the car.
enum class FieldFate : std::uint8_t {
  kKept,
  kCoarsened,
  kGeneralized,
  kPseudonymized,
  kCellCentre,
  kBucketed,
  kDropped,
  kDetected,
  kUnknownEnum,
  kBadValue,
};
[[nodiscard]] Literal literal_of(FieldFate fate);
class FieldTrace {
 public:
  virtual ~FieldTrace() = default;
  virtual void field(NodeIndex node, FieldFate fate) = 0;
};

struct Outcome {
  const Release* release = nullptr;  // the minimizer's own, until its next call; or null, and:
  Fate fate = Fate::kDropped;        // kHeldBack: a ReleaseSink is told later what becomes of it
  Reason reason = Reason::kNone;
};

// What becomes of rows beside the one at hand. Each is told once; the release is the minimizer's
// own, valid during the call.
class ReleaseSink {
 public:
  virtual ~ReleaseSink() = default;
  // A further row of the message at hand: its coarse form, while the fine one is held back or lost.
  virtual void at_once(const Release& release) = 0;
  // A row that was held back leaves ...
  virtual void cleared(const Release& release) = 0;
  // ... or never will.
  virtual void discarded(PurposeIndex purpose, Reason reason, std::uint64_t rows) = 0;
};

// One per thread. Keeps references to `policy` and `keys`.
class Minimizer {
 public:
  // `previous`: the minimizer of the policy before; state of releases whose topic, purpose and cell
  // are the same carries over.
  Minimizer(const Policy& policy, const FieldKeys& keys, const Minimizer* previous);
  ~Minimizer();
  Minimizer(const Minimizer&) = delete;
  Minimizer& operator=(const Minimizer&) = delete;

  // What take_changes() handed out before a restart. Before the first minimize().
  void restore(const std::vector<StateEntry>& entries);
  // Appends what must be on disk with the next commit, since the last call: running totals, and
  // with `cells` the tags of released cells. No place that did not leave.
  void take_changes(bool cells, std::vector<StateEntry>& out);

  // The car's ignition: off ends a trip.
  void driving(bool on, ReleaseSink& sink);
  // The purpose is no longer served, or the policy ends: what waits for it is discarded with
  // `reason`, and its trip begins anew in HOLD.
  void give_up(PurposeIndex purpose, Reason reason, ReleaseSink& sink);

  // `release`: index into policy.sources[record.source].releases. Advances that release's state. A
  // detected class that the rule does not tolerate drops the value; a position that can't be
  // minimised (NaN, out of range, (0, 0), half of a pair) drops the whole record for this purpose
  // with kBadPosition.
  [[nodiscard]] Outcome minimize(const Record& record, std::size_t release, ReleaseSink& sink,
                                 FieldTrace* trace = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sudare
