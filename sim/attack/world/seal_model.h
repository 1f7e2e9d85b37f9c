// When and how large a purpose's batches leave a car, as gateway/seal makes them: a batch closes by
// linger, size or epoch; where times are bucketed it is sent at a random point of the next bucket;
// its size is padded. Counts bytes as batch_writer does, without encrypting them: a fleet's month
// has a million batches. Not modelled: fragments (they leave only after a crash), missing ranges,
// a link that is down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/policy/policy.h"
#include "gateway/seal/record_buffer.h"
#include "sim/attack/world/release.h"
#include "sim/random.h"

namespace sudare::sim::attack {

// The bytes of an age file with these records (of a purpose with pseudonym: after zstd).
[[nodiscard]] std::uint32_t sealed_batch_bytes(const PurposePlan& purpose,
                                               const RecordBuffer& records);

// Records of a batch that was sent: from `first` on, up to the next batch's.
struct SentBatch {
  std::size_t first = 0;
  std::size_t count = 0;
  std::int64_t arrival_ms = 0;
  std::uint32_t bytes = 0;
  std::uint32_t epoch = 0;
};

// One purpose of one car. Times rise from call to call. Not thread-safe.
class SealModel {
 public:
  // Keeps a reference to `purpose`.
  SealModel(const PurposePlan& purpose, Random random);

  // Before every message: closes what linger closes, and steps the epoch where the day asks for it
  // and the car isn't driven.
  void advance(std::int64_t now_ms, bool driven);
  void add(const Release::Content& content, std::int64_t now_ms);
  // Shutdown.
  void close_all(std::int64_t now_ms) { close(now_ms); }

  // In the order in which they closed.
  [[nodiscard]] const std::vector<SentBatch>& sent() const { return sent_; }

 private:
  void close(std::int64_t now_ms);
  void say_epoch_ends(std::int64_t now_ms);
  [[nodiscard]] std::int64_t send_time_ms(std::int64_t now_ms);
  [[nodiscard]] std::uint32_t epoch_at(std::int64_t now_ms) const;

  const PurposePlan& purpose_;
  Random random_;
  RecordBuffer records_;
  std::int64_t opened_ms_ = 0;
  std::size_t added_ = 0;  // records, in all batches
  bool any_in_epoch_ = false;
  bool epoch_known_ = false;
  std::uint32_t epoch_ = 0;
  std::vector<SentBatch> sent_;
};

}  // namespace sudare::sim::attack
