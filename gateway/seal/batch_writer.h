// One batch as an age file: Batch, zstd, signature, padding, seal (docs/formats.md). A piece of a
// clip is not compressed: it is already.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/identity/epoch_chain.h"
#include "gateway/policy/policy.h"
#include "gateway/seal/record_buffer.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// What of a batch's size isn't records: names, keys, ids, SignedBatch's own fields, with
// kRecipientsMax recipients about 320 bytes.
inline constexpr std::size_t kBatchOverheadBytes = 512;

// Missing ranges that one batch reports; the next one goes on. As many as the store keeps of an
// epoch; a batch of the largest size has room for them.
inline constexpr std::size_t kReportedRangesMax = 64;
inline constexpr std::size_t kReportedRangeBytesMax = 32;  // two varints of 10 bytes, reason, tags

// Batches of purposes without pseudonym have one size, batch_bytes_max (what doesn't fit has the
// next multiple of it). Fragments of them have multiples of this instead: a fragment leaves the
// car only after a crash, and a full-size one at every commit would write 16 KiB to the flash for
// a record of 100 bytes.
inline constexpr std::size_t kFragmentPadBytes = 1024;

struct BatchPart {
  const RecordBuffer* records = nullptr;      // null: none
  const ClipPiece::Content* piece = nullptr;  // in place of records; null: none
  std::uint32_t from = 0;                     // the first of them to write
  RecordRange range;                          // their numbers
  const EpochKey* key = nullptr;              // null for purposes without pseudonym
  std::uint32_t epoch = 0;
  // Unix day: sealed to PurposePlan::recipients_on() it.
  std::int64_t day = std::numeric_limits<std::int64_t>::min();
  bool fragment = false;
  bool end_of_epoch = false;
  const std::vector<MissingRecords>* missing = nullptr;  // at most kReportedRangesMax; null: none
};

// The bytes of records that a purpose's batch may hold before it closes.
[[nodiscard]] std::size_t record_capacity_bytes(const PurposePlan& purpose);

// The rotation length that a purpose's batches name; kNoRotation without pseudonym.
[[nodiscard]] std::uint16_t rotation_of(const PurposePlan& purpose);

// Keeps its buffers from batch to batch. One thread.
class BatchWriter {
 public:
  // An age file that each of the purpose's recipients of that day opens. Purposes without pseudonym
  // carry no pseudonym, key, signature, epoch or range, and their records are shuffled. kNotFound:
  // no key or no recipient; kTooLarge: records past kBatchBytesMax; kInternal.
  Result<std::string> write(const PurposePlan& purpose, const BatchPart& part);

 private:
  void write_batch(const PurposePlan& purpose, const BatchPart& part);

  std::vector<age::Recipient> recipients_;
  v1::Batch head_;
  std::string batch_;
  std::string compressed_;
  std::string plaintext_;
};

}  // namespace sudare
