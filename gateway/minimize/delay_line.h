// Releases that wait for clearance, oldest first, in memory of a fixed size: a unit's memory must
// not depend on how long a trip stays in one neighbourhood. Holds plaintext: memory only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/minimize/trip_ends.h"
#include "gateway/stages.h"

namespace sudare {

// privacy.md: bounded by 512 fixes, and everything of a purpose by 64 KiB.
inline constexpr std::size_t kWaitingFixesMax = 512;
inline constexpr std::size_t kWaitingBytesMax = 40 * 1024;  // of topics and payloads

// One per purpose. Allocates once, when it is made. Not thread-safe.
class DelayLine {
 public:
  DelayLine();

  // False: it is not taken, and nothing else changed. Where a car stays long in one neighbourhood
  // the line thins out what it takes, so that what it holds still draws the road: every second from
  // half full on, every fourth from three quarters on, and nothing when it is full. `number` does
  // not fall.
  [[nodiscard]] bool push(FixNumber number, const Release::Content& content);
  // The oldest, if its number is at most `most`; taken out, and its bytes are
  // overwritten. Writes into `content`'s own memory.
  [[nodiscard]] bool pop_up_to(FixNumber most, Release::Content& content);
  // Forgets everything; how many they were. Overwrites the memory if there were any.
  std::size_t clear();

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  struct Entry {
    FixNumber number = 0;
    std::int64_t time_ms = 0;
    std::uint32_t offset = 0;  // of the topic in bytes_; the payload follows it
    std::uint32_t payload_bytes = 0;
    std::uint16_t topic_bytes = 0;
    Codec codec = Codec::kProtobuf;
  };

  [[nodiscard]] const Entry& oldest() const { return entries_[first_]; }
  [[nodiscard]] bool thinned_out();
  [[nodiscard]] bool find_room(std::size_t bytes, std::size_t& offset) const;

  std::vector<char> bytes_;
  std::vector<Entry> entries_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t end_ = 0;  // of the newest entry in bytes_
  std::size_t used_bytes_ = 0;
  std::size_t offers_ = 0;  // to push(), to count every second
};

}  // namespace sudare
