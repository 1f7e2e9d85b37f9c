// The way of one message through the unit.
//
//   1. The in-vehicle broker sends it; Collector reads it.                     collector thread
//   2. take(): a consent message goes to Consent and no further, a word about the    "
//      network to SendRules.
//      The number that its producer gave it goes to Receipts: what came before is
//      counted and goes no further.                                                     "
//   3. source_of: the policy's source for its topic, or the row is rejected.         "
//   4. Gates: for each purpose that the source releases to, whether it may be        "
//      served at all (policy valid today, consent, keys). Retained and too large
//      messages are rejected here.
//   5. decode, detect: only where some gate is open.                                 "
//      A message that names another car than the unit's: CarCheck closes the gates.      "
//   6. minimize, per purpose: a Release, or a fate and a reason; with hold-back, also    "
//      what becomes of rows that waited in memory.
//   7. Sealer::add: the release waits in memory, in its purpose's open batch.        "
//   8. commit(): everything since the last commit is sealed, and one transaction     "
//      takes it together with the account, changed state, and what the cloud has
//      acknowledged.
//   9. Collector writes the acknowledgements to the in-vehicle broker.               "
//  10. Uploader reads closed batches from the outbox and publishes them.       uploader thread
//  11. The cloud broker acknowledges; Uploader hands the ids over.                   "
//  12. delivered(): the next commit deletes the rows.                          collector thread
//
// The drive recorder's clips go another way, from a directory of files (gateway/clips/clips.h);
// what events say of them comes out of step 5. They meet the messages again in the store.
//
// The status thread only reads snapshots (gateway/status). The collector thread is the program's
// main thread; nothing else touches Pipeline, Store, Consent, Epochs or Sealer.
//
// A failed commit changes nothing: the same rows are sealed and committed again later, and the
// in-vehicle broker waits for its acknowledgements until then.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/car/car_check.h"
#include "gateway/clips/clips.h"
#include "gateway/clips/send_rules.h"
#include "gateway/consent/consent.h"
#include "gateway/decode/decoder.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/policy/in_use.h"
#include "gateway/receipts/receipts.h"
#include "gateway/seal/epochs.h"
#include "gateway/seal/sealer.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

struct PipelineStats {
  std::uint64_t messages = 0;  // consent messages not included
  std::uint64_t consent_changes = 0;
  std::uint64_t consent_refused = 0;  // malformed, no purpose's name, too many, replayed
  std::uint64_t unknown_enums = 0;
  std::uint64_t commits = 0;
  std::uint64_t failed_commits = 0;
};

// On the collector's thread. Keeps references to store, time and clock.
class Pipeline final : private ReleaseSink {
 public:
  // kNotFound: the unit is not provisioned. kMalformed: its state is damaged.
  static Result<std::unique_ptr<Pipeline>> create(PolicyInUse policy, Store& store,
                                                  TrustedTime& time, const Clock& clock,
                                                  const std::string& consent_topic,
                                                  const std::string& network_topic);
  // Takes clips from now on. kMalformed: stored state is damaged; or the store's errors.
  [[nodiscard]] Status watch_clips(const ClipOptions& options);
  // Believes the numbers of these producers from now on. kMalformed: stored state is damaged.
  [[nodiscard]] Status use_receipts(const std::vector<ReceiptProducer>& producers,
                                    const std::string& topic);
  [[nodiscard]] Receipts& receipts() { return *receipts_; }
  // Null where no clip is taken.
  [[nodiscard]] Clips* clips() { return clips_.get(); }
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Looks at the day; before each round of take().
  void begin_round();
  // `too_large`: the payload was left out.
  void take(const Message& message, bool too_large);
  // A withdrawal, or a row of an essential purpose, waits: commit without delay.
  [[nodiscard]] bool commit_at_once() const { return at_once_; }

  // What the uploader hands over, for the next commit.
  void delivered(const std::vector<RowId>& ids);
  void damaged(const std::vector<RowId>& ids);
  void published(const std::map<std::string, std::uint64_t>& bytes);

  // `close_all`: no batch stays open (shutdown). Does nothing where there is nothing to commit.
  // True: rows that may be uploaded were added. An error (kFull, kIo, kUnavailable, …) leaves
  // everything as it was, except that a purpose whose sealing fails is put aside and counted.
  [[nodiscard]] Result<bool> commit(bool close_all);
  // Purposes whose rows must not be sent, though they may still be in the outbox: withdrawn, with
  // or without a commit since; of a grant that follows only once the rows before it are gone; clips
  // over a metered network; all but essential ones where the unit is in another car. Sorted.
  [[nodiscard]] std::vector<std::string> withheld() const;
  // SendRules::allowances().
  [[nodiscard]] std::map<std::string, std::uint64_t> allowances() const {
    return send_rules_->allowances();
  }
  // Whether the unit's car is compared with who the car says it is; CarCheck.
  [[nodiscard]] bool car_checked() const;
  [[nodiscard]] const CarCheck& car() const { return *car_; }
  [[nodiscard]] Network network() const { return send_rules_->network(); }
  // Milliseconds until commit() has something to do without a further message; -1: nothing waits.
  [[nodiscard]] std::int64_t next_commit_in_ms() const;

  // Closes and commits all batches under the policy in force, then goes on with another. On an
  // error the policy in force stays.
  [[nodiscard]] Status use_policy(PolicyInUse policy);

  [[nodiscard]] std::vector<std::string> topic_filters() const;  // consent included
  [[nodiscard]] std::vector<std::string> urgent_topic_filters() const;
  [[nodiscard]] const PolicyInUse& policy() const { return policy_; }
  // kNone: every purpose is served; else why only essential ones are.
  [[nodiscard]] Reason restriction() const { return restriction_; }
  [[nodiscard]] const PipelineStats& stats() const { return stats_; }

 private:
  using Gate = ClipGate;
  // What the next commit carries beside the sealer's plan; kept until one succeeds.
  struct Waiting {
    std::vector<RowId> delivered;
    std::vector<RowId> damaged;
    std::vector<std::string> withdrawn;
    std::vector<StateEntry> state;
  };

  Pipeline(PolicyInUse policy, Store& store, TrustedTime& time, const Clock& clock);

  void set_gates();
  [[nodiscard]] Gate gate_of(PurposeIndex purpose) const;
  void take_consent(const Message& message);
  void take_network(const Message& message);
  void look_at_retained(const Message& message, const SourcePlan& source, SourceIndex index);
  void look_at_car(bool retained);
  void stop_in_another_car();
  void take_source(const Message& message, const SourcePlan& source, SourceIndex index);
  void release(const SourcePlan& source);
  void at_once(const Release& release) override;
  void cleared(const Release& release) override;
  void discarded(PurposeIndex purpose, Reason reason, std::uint64_t rows) override;
  void count(PurposeIndex purpose, Fate fate, Reason reason);
  void count_all(const SourcePlan& source, Fate fate, Reason reason);
  void add_not_essential(std::vector<std::string>& names) const;
  void withdraw_uncommitted(PurposeIndex purpose, Fate fate, Reason reason);
  [[nodiscard]] Account counted() const;
  [[nodiscard]] Result<SealPlan> plan(bool close_all);
  void committed();

  PolicyInUse policy_;
  Store& store_;
  TrustedTime& time_;
  const Clock& clock_;
  std::unique_ptr<Consent> consent_;
  std::unique_ptr<CarCheck> car_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<Epochs> epochs_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Minimizer> minimizer_;
  std::unique_ptr<Sealer> sealer_;
  std::optional<SendRules> send_rules_;
  std::unique_ptr<Clips> clips_;

  std::int64_t day_ = 0;  // of the last round
  Reason restriction_ = Reason::kNone;
  std::vector<Gate> gates_;         // by PurposeIndex
  Record record_;                   // reused
  std::vector<FateCounts> counts_;  // since the last commit, by PurposeIndex …
  FateCounts counts_of_none_;       // … and of rows without a purpose
  Waiting waiting_;
  int failed_plans_ = 0;  // in a row
  std::int64_t cells_due_ms_ = 0;
  bool dirty_ = false;  // something was counted since the last commit
  bool at_once_ = false;
  PipelineStats stats_;
};

}  // namespace sudare
