#include "sim/attack/world/seal_model.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/age/format.h"
#include "crypto/bytes.h"
#include "crypto/identity/padme.h"
#include "crypto/identity/signed_batch.h"
#include "gateway/seal/batch_writer.h"
#include "gateway/seal/sealer.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::sim::attack {

namespace {

// What stands before the records: random ids don't compress, so any will do for their size.
v1::Batch head_of(const PurposePlan& purpose, std::uint32_t records) {
  Random random(records);
  const auto noise = [&random](std::size_t bytes) {
    std::string text(bytes, '\0');
    for (char& byte : text) byte = static_cast<char>(random.bits());
    return text;
  };
  v1::Batch head;
  head.set_purpose(purpose.name);
  head.set_batch_id(noise(16));
  head.set_policy_slice(purpose.slice.data(), purpose.slice.size());
  for (const age::Recipient& recipient : purpose.recipients) {
    const age::KeyId id = recipient.key_id();
    head.add_recipient_key_ids(id.data(), id.size());
  }
  head.set_pseudonym(noise(16));
  head.set_epoch_days(rotation_of(purpose));
  head.set_epoch(20'000U / std::max<std::uint32_t>(1, purpose.rotate_days));
  head.set_first_record(10'000);  // two bytes, as in most of an epoch
  head.set_record_count(records);
  return head;
}

std::size_t plaintext_bytes(const PurposePlan& purpose, const RecordBuffer& records) {
  if (purpose.pseudonym == PseudonymKind::kNone) {
    // A full buffer fits into the fixed size, compressed or not.
    return std::clamp<std::size_t>(purpose.batch_bytes_max, kFragmentPadBytes, kBatchBytesMax);
  }
  std::string batch = head_of(purpose, records.count()).SerializeAsString();
  records.write(0, batch);
  std::string compressed;
  const Status done = compress_batch(bytes_of(batch), compressed);
  assert(done);
  if (!done) compressed = batch;
  return static_cast<std::size_t>(padme_bytes(signed_batch_bytes(compressed.size(), true)));
}

}  // namespace

std::uint32_t sealed_batch_bytes(const PurposePlan& purpose, const RecordBuffer& records) {
  const std::size_t recipients = std::max<std::size_t>(1, purpose.recipients.size());
  return static_cast<std::uint32_t>(
      age::sealed_bytes(recipients, plaintext_bytes(purpose, records)));
}

SealModel::SealModel(const PurposePlan& purpose, Random random)
    : purpose_(purpose), random_(random) {}

std::uint32_t SealModel::epoch_at(std::int64_t now_ms) const {
  if (purpose_.pseudonym != PseudonymKind::kRotate) return 0;
  return static_cast<std::uint32_t>(now_ms / kMsPerDay / purpose_.rotate_days);
}

std::int64_t SealModel::send_time_ms(std::int64_t now_ms) {
  if (purpose_.essential || purpose_.bucket_ms == 0) return now_ms;
  const std::int64_t bucket_ms = purpose_.bucket_ms;
  return now_ms - now_ms % bucket_ms + bucket_ms +
         static_cast<std::int64_t>(random_.below(purpose_.bucket_ms));
}

void SealModel::advance(std::int64_t now_ms, bool driven) {
  const std::int64_t linger_end_ms = opened_ms_ + purpose_.linger_ms;
  if (records_.count() > 0 && now_ms >= linger_end_ms) close(linger_end_ms);
  const std::uint32_t epoch = epoch_at(now_ms);
  if (!epoch_known_) {
    epoch_known_ = true;
    epoch_ = epoch;
  } else if (epoch != epoch_ && !driven) {
    say_epoch_ends(now_ms);
    epoch_ = epoch;
  }
}

// In the open batch, or in an empty one.
void SealModel::say_epoch_ends(std::int64_t now_ms) {
  if (records_.count() == 0 && any_in_epoch_) {
    sent_.push_back(
        {added_, 0, send_time_ms(now_ms), sealed_batch_bytes(purpose_, records_), epoch_});
  }
  close(now_ms);
  any_in_epoch_ = false;
}

void SealModel::add(const Release::Content& content, std::int64_t now_ms) {
  if (records_.bytes() + record_bytes(content) > record_capacity_bytes(purpose_)) close(now_ms);
  if (records_.count() == 0) opened_ms_ = now_ms;
  records_.append(content);
  ++added_;
  any_in_epoch_ = true;
  if (purpose_.essential || purpose_.linger_ms == 0) close(now_ms);
}

void SealModel::close(std::int64_t now_ms) {
  if (records_.count() == 0) return;
  const std::size_t count = records_.count();
  sent_.push_back({added_ - count, count, send_time_ms(now_ms),
                   sealed_batch_bytes(purpose_, records_), epoch_});
  records_ = RecordBuffer();
}

}  // namespace sudare::sim::attack
