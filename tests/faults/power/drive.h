// A drive with a volatile cache, as an eMMC or SSD has one: what was written is on the medium only
// after a flush; until then a power cut may drop it, keep it, or keep some of its sectors.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace sudare::faults {

// What survives on its own: a drive writes a sector as a whole or not at all. UFS and most eMMC
// have sectors of 4 KiB; ext4 before Linux 6.10 is not mountable where smaller ones tear the last
// block of its journal (seen here, with 512).
inline constexpr std::size_t kSectorBytes = 4096;

// Any thread.
class Drive {
 public:
  using Bytes = std::vector<std::uint8_t>;
  explicit Drive(Bytes image) : medium_(image), seen_(std::move(image)) {}

  [[nodiscard]] std::uint64_t size() const { return medium_.size(); }

  // False: the power is off, nothing happened, and nobody is to be told anything. Ranges are within
  // size().
  bool read(std::uint64_t offset, std::span<std::uint8_t> into);
  bool write(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  // `writes`: the first so many of all write() calls since power came on, those that were answered
  // before the flush was asked for. The others may stay in the cache.
  bool flush(std::uint64_t writes);
  // A control: from now on a flush is said to be done, and is not; a cut takes all of the cache.
  void lie();
  // Calls of write() so far.
  [[nodiscard]] std::uint64_t writes();

  // The power goes: now; or in the middle of the n-th flush from now (1: the next), before it does
  // anything or, with `after`, when it has done everything but was not answered.
  void cut();
  void cut_at_flush(std::uint64_t n, bool after);
  [[nodiscard]] bool wait_cut(std::chrono::milliseconds longest);

  // After a cut: what of the cache reached the medium is for `random` to say. Then power is on
  // again.
  void restart(std::mt19937_64& random);

  // After a cut: everything that is or ever could be on the medium now: the medium, and what the
  // cache held.
  [[nodiscard]] std::string_view medium() const;
  [[nodiscard]] std::string_view with_cache() const;

 private:
  struct Write {
    std::uint64_t number;
    std::uint64_t offset;
    Bytes bytes;
  };
  void apply(const Write& write);

  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes medium_;
  Bytes seen_;                // what reads see: the medium and the cache
  std::vector<Write> cache_;  // in the order of writing
  std::uint64_t writes_ = 0;
  std::uint64_t flushes_ = 0;
  std::optional<std::uint64_t> cut_at_flush_;
  bool cut_after_ = false;
  bool lies_ = false;
  bool off_ = false;
};

}  // namespace sudare::faults
