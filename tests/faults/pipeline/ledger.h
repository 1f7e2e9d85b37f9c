// What must come of every message: a model that knows nothing of the gateway's insides. It hears of
// messages when they are taken and when they are acknowledged, of batches when they arrive in the
// cloud, and says what does not fit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/open/receiver.h"
#include "gateway/account.h"
#include "tests/faults/pipeline/car_broker.h"

namespace sudare::faults {

class Ledger {
 public:
  // --- at the gateway
  // `served`: the policy is in force; `purposes`: those of the message's source.
  void taken(const CarMessage& message, const std::vector<std::string>& purposes, bool served);
  void word_taken(const std::string& purpose, bool granted, std::uint64_t counter);
  // Everything that was taken is on disk, says the gateway.
  void committed();
  // A commit failed: what was taken may be on disk all the same, if the process ends now.
  void commit_failed() { uncertain_ = true; }
  // The process is gone, with what was not committed.
  void restarted();
  // The broker will send it again, though it was taken.
  void will_come_again(const CarMessage& message);

  // An essential row is on its way to the cloud, whatever becomes of it there.
  void offered(const std::string& file);

  // --- in the cloud
  void published(const std::string& purpose, const std::string& file);

  // --- judgement
  // After everything has arrived that can.
  void settle(const Account& account);
  // Essential messages that were committed and never offered to the cloud.
  [[nodiscard]] std::uint64_t essential_waiting() const;
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t duplicated() const { return duplicated_; }
  [[nodiscard]] const std::string& finding() const { return finding_; }
  void find(std::string what) {
    if (finding_.empty()) finding_ = std::move(what);
  }

 private:
  struct Row {
    std::string purpose;
    std::uint64_t number = 0;
    bool queued = false;    // it may leave
    bool consented = true;  // false: why it may not
  };
  struct Word {
    std::string purpose;
    bool granted = false;
    std::uint64_t counter = 0;
    std::vector<std::uint64_t> revoked;  // taken before it, and not arrived
  };
  struct Purpose {
    std::uint64_t taken = 0;  // rows that were acknowledged
    std::uint64_t maybe = 0;  // rows that may have been counted besides
    std::uint64_t not_consented = 0;
    std::set<std::uint64_t> queued;
    std::set<std::uint64_t> arrived;
    std::set<std::uint64_t> offered;  // of essential ones
    std::set<std::uint64_t> revoked;  // queued before a withdrawal, and not arrived then
    std::set<std::uint64_t> excused;  // may not arrive, though it seems so
    std::optional<bool> granted;      // the last word
    bool word_unknown = false;        // it may have been committed, or not
    std::uint64_t counter = 0;
    Receiver receiver;
    // By pseudonym and first record: the numbers in it.
    std::map<std::string, std::map<std::uint64_t, std::vector<std::uint64_t>>> batches;
  };

  [[nodiscard]] bool allowed(const std::string& name, const Purpose& purpose) const;
  void take_word(const Word& word);
  void arrive(const std::string& name, Purpose& purpose, const v1::Batch& batch);
  void judge(const std::string& name, Purpose& purpose, const FateCounts& counts);
  void check_order(const std::string& name, const Purpose& purpose);

  std::map<std::string, Purpose> purposes_;
  std::map<std::string, std::pair<std::optional<bool>, std::uint64_t>> words_;  // committed
  std::vector<Row> rows_;  // taken and not committed
  std::vector<Word> new_words_;
  std::map<std::uint64_t, std::uint64_t> repeats_;  // how often a number may come again
  std::map<std::uint64_t, bool> numbered_;          // by a producer whose repeats are known
  std::set<std::uint64_t> seen_;                    // of them, committed …
  std::set<std::uint64_t> new_numbers_;             // … and not
  // Of them, those that may have been committed: for whom. For others, by consent or by the policy
  // of that moment, what comes again is a duplicate of one that could not leave.
  std::map<std::uint64_t, std::set<std::string>> maybe_queued_;
  bool uncertain_ = false;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t duplicated_ = 0;
  std::string finding_;
};

}  // namespace sudare::faults
