#include "sim/judge/openings.h"

#include <algorithm>
#include <utility>

#include "crypto/bytes.h"
#include "fleet/cli/keys.h"
#include "fleet/open/open_batch.h"
#include "fleet/open/record_lines.h"

namespace sudare::sim {

std::string purpose_of_topic(std::string_view topic) {
  constexpr std::string_view kPrefix = "sudare/1/";
  if (!topic.starts_with(kPrefix)) return {};
  topic.remove_prefix(kPrefix.size());
  const std::string_view name = topic.substr(0, topic.find('/'));
  return cli::is_purpose_name(name) ? std::string(name) : std::string();
}

const PurposePlan* Openings::plan_of(const std::string& purpose) const {
  if (policy_ == nullptr) return nullptr;
  for (const PurposePlan& plan : policy_->purposes) {
    if (plan.name == purpose) return &plan;
  }
  return nullptr;
}

void Openings::take(const Delivery& delivery) {
  const std::string purpose = purpose_of_topic(delivery.topic);
  PurposeOpenings& openings = purposes_[purpose];
  ++openings.batches;
  openings.bytes += delivery.payload.size();
  const PurposePlan* const plan = plan_of(purpose);
  const bool nameless =
      policy_ == nullptr || (plan != nullptr && plan->pseudonym == PseudonymKind::kNone);
  const auto batch = open_batch(keys_, purpose, nameless ? Unsigned::kTaken : Unsigned::kRefused,
                                bytes_of(delivery.payload));
  if (!batch) {
    if (batch.error().code == ErrorCode::kNoMatch) ++openings.no_key;
    else openings.receiver.take_failure(batch.error());
    return;
  }
  if (openings.receiver.take(*batch) == Arrival::kDuplicate) return;
  const std::string& slice = batch->batch.policy_slice();
  if (plan != nullptr &&
      !std::equal(slice.begin(), slice.end(), plan->slice.begin(), plan->slice.end(),
                  [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; })) {
    ++openings.other_policy;
  }
  openings.chunks += static_cast<std::uint64_t>(batch->batch.chunks_size());
  batches_.push_back({purpose, batch->batch.pseudonym(), delivery.arrived_ms});
  take_records(*batch);
}

void Openings::take_records(const VerifiedBatch& batch) {
  std::string lines;
  append_record_lines(batch, lines);
  // What the one has written the other reads.
  (void)parse_opened("cloud", lines, records_);
  batch_of_.resize(records_.size(), batches_.size() - 1);
}

std::uint64_t Openings::leave_out(const std::set<std::pair<std::string, std::string>>& pseudonyms) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const OpenedBatch& batch = batches_[batch_of_[i]];
    if (pseudonyms.contains({batch.purpose, batch.pseudonym})) continue;
    if (kept != i) records_[kept] = std::move(records_[i]);
    batch_of_[kept++] = batch_of_[i];
  }
  const std::uint64_t left_out = records_.size() - kept;
  records_.resize(kept);
  batch_of_.resize(kept);
  return left_out;
}

}  // namespace sudare::sim
