// Record → Release: what one purpose may know of one message. Applies a ReleasePlan's rules field
// by field, keeps the state that rules need (last released cell, last released time), and writes
// the payload in the codec and schema it came in. Does not decide consent or validity of the policy
// (pipeline.h), nor who the car is (seal).
//
// Each mechanism is a unit of its own: cell, hysteresis, coarsen, time_bucket, pseudonymize,
// generalize, rate, topic. A record's items pass through walk; position_tracker pairs and places
// positions; protobuf_writer and json_writer write what is left.
//
// Not guaranteed: that a list hides how many elements it has (those that fall into one cell are
// repeated), that a series of cells hides a route, or that a car that is parked within 30 m of a
// border is in the same cell after a restart of the gateway: state is in memory only.
#pragma once

#include <memory>
#include <optional>

#include "crypto/secret_bytes.h"
#include "gateway/account.h"
#include "gateway/stages.h"

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
  std::optional<Release> release;  // set, or:
  Fate fate = Fate::kDropped;
  Reason reason = Reason::kNone;
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

  // `release`: index into policy.sources[record.source].releases. Advances that release's state. A
  // detected class that the rule does not tolerate drops the value; a position that can't be
  // minimised (NaN, out of range, (0, 0), half of a pair) drops the whole record for this purpose
  // with kBadPosition.
  [[nodiscard]] Outcome minimize(const Record& record, std::size_t release,
                                 FieldTrace* trace = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sudare
