// Which of a producer's numbers have come: all up to one, and any of the kSequenceWindow behind it.
// The anti-replay window of IPsec (RFC 4303, section 3.4.3), except that it moves on only over
// what has come: what is missing is asked for again.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

// How far a producer may be ahead of its receipt: more than a broker has under way
// (kCommitMessagesMax).
inline constexpr std::uint64_t kSequenceWindow = 2048;

class SequenceWindow {
 public:
  // Everything up to here has come, or its producer no longer waits for it.
  [[nodiscard]] std::uint64_t received() const { return received_; }

  // The producer waits for nothing below `oldest`.
  void skip_to(std::uint64_t oldest);

  enum class Verdict : std::uint8_t {
    kNew,     // noted
    kSeen,    // it came before
    kTooFar,  // over kSequenceWindow ahead: not noted, and to be sent again
  };
  [[nodiscard]] Verdict note(std::uint64_t sequence);

  // For the store. decode(): kMalformed.
  [[nodiscard]] std::string encode() const;
  static Result<SequenceWindow> decode(std::string_view bytes);

  friend bool operator==(const SequenceWindow&, const SequenceWindow&) = default;

 private:
  [[nodiscard]] bool has(std::uint64_t sequence) const;
  void set(std::uint64_t sequence, bool came);
  void move_on();

  static constexpr std::size_t kWords = kSequenceWindow / 64;
  std::uint64_t received_ = 0;
  // The bit of a number between received_ + 1 and received_ + kSequenceWindow is its remainder.
  std::array<std::uint64_t, kWords> came_{};
};

}  // namespace sudare
