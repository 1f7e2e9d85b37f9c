// What a cloud broker delivered, opened as far as the given keys go, with the library of `sudare
// open`: signature, duplicates, gaps, forks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crypto/open/identity.h"
#include "fleet/open/receiver.h"
#include "gateway/policy/policy.h"
#include "sim/compare/opened.h"
#include "sim/judge/cloud_inbox.h"

namespace sudare::sim {

// A batch that was opened and is no duplicate.
struct OpenedBatch {
  std::string purpose;
  std::string pseudonym;  // 16 bytes; empty: none
  std::int64_t arrived_ms = 0;
};

// One purpose's, as its topics name it.
struct PurposeOpenings {
  std::uint64_t batches = 0;  // that came, whether they opened or not
  std::uint64_t bytes = 0;
  std::uint64_t no_key = 0;        // of them, sealed to nobody whose key is here
  std::uint64_t other_policy = 0;  // of them, made by other rules than those of the policy
  std::uint64_t chunks = 0;        // pieces of clips: opened and verified, compared with nothing
  Receiver receiver;
};

// One thread.
class Openings {
 public:
  // `policy` may be null; then batches without a signature are taken of every purpose. Keeps
  // references.
  Openings(const std::vector<age::open_side::Identity>& keys, const Policy* policy)
      : keys_(keys), policy_(policy) {}

  void take(const Delivery& delivery);
  // Leaves out the batches of these, by purpose, as another unit's. Returns how many records it
  // were.
  std::uint64_t leave_out(const std::set<std::pair<std::string, std::string>>& pseudonyms);

  [[nodiscard]] const std::map<std::string, PurposeOpenings>& purposes() const { return purposes_; }
  [[nodiscard]] const std::vector<OpenedRecord>& records() const { return records_; }
  [[nodiscard]] const std::vector<OpenedBatch>& batches() const { return batches_; }
  // The batch of a record, both by their indices.
  [[nodiscard]] std::size_t batch_of(std::size_t record) const { return batch_of_[record]; }

 private:
  void take_records(const VerifiedBatch& batch);
  [[nodiscard]] const PurposePlan* plan_of(const std::string& purpose) const;

  const std::vector<age::open_side::Identity>& keys_;
  const Policy* policy_;
  std::map<std::string, PurposeOpenings> purposes_;
  std::vector<OpenedRecord> records_;
  std::vector<OpenedBatch> batches_;
  std::vector<std::size_t> batch_of_;
};

// "traffic" of "sudare/1/traffic/7f"; empty where it is no topic of a unit.
[[nodiscard]] std::string purpose_of_topic(std::string_view topic);

}  // namespace sudare::sim
