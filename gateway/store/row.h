// A row of the outbox: its key, its checksum, and what the store must know of one that leaves.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/stages.h"

namespace sudare {

inline constexpr int kRowIdBits = 48;
inline constexpr RowId kRowIdMax = (RowId{1} << kRowIdBits) - 1;

using RowKey = std::int64_t;

// Order of urgency; essential rows above all others.
inline constexpr std::int64_t kRankEssential = 256;
constexpr std::int64_t rank_of(bool essential, std::uint8_t priority) {
  return (essential ? kRankEssential : 0) + priority;
}
// The key of the first possible row of a rank: also the end of the rank below.
constexpr RowKey first_key_of(std::int64_t rank) { return rank << kRowIdBits; }
constexpr RowKey key_of(std::int64_t rank, RowId id) {
  return first_key_of(rank) | static_cast<RowKey>(id);
}
constexpr RowId id_of(RowKey key) { return static_cast<RowId>(key) & kRowIdMax; }
constexpr std::int64_t rank_of_key(RowKey key) { return key >> kRowIdBits; }

// Finds torn and rotten bytes; not a defence against a forger, who can't open or sign a row anyway.
using RowChecksum = std::array<char, 16>;
RowChecksum checksum_of(RowId id, std::uint8_t shard, std::string_view purpose,
                        std::string_view bytes);

// A row that was taken out of the outbox, without its bytes.
struct RemovedRow {
  RowKey key = 0;
  std::string purpose;
  std::uint16_t epoch_days = 0;
  std::uint32_t epoch = 0;
  RecordRange records;
  std::uint64_t size = 0;
  bool held = false;  // it was
};

}  // namespace sudare
