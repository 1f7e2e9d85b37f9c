// Texts from the policy topic that nobody has judged yet, on their way from the uploader to the
// committing thread. Whoever may publish there can send junk as fast as the broker lets it: so no
// text takes another one's place, what nobody can have signed is not kept at all, and the rest is
// bounded. Checks nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/policy/updates.h"

namespace sudare {

// Of texts that wait: more come at once only from somebody who sends junk.
inline constexpr std::size_t kOfferedTextsMax = 8;
inline constexpr std::size_t kOfferedBytesMax = 2 * kPolicyOverAirBytesMax;

// Each line with a signature begins with it (docs/formats.md, "Signed policies").
inline constexpr std::string_view kPolicySignatureMark = "# sudare-signature:";

// Whether any line may be a signature; false: nobody has signed it. Costs no computation on keys.
[[nodiscard]] inline bool has_signature_line(std::string_view text) {
  for (std::size_t at = text.find(kPolicySignatureMark); at != std::string_view::npos;
       at = text.find(kPolicySignatureMark, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

// Not thread-safe.
class OfferedTexts {
 public:
  void add(std::string_view text) {
    if (!has_signature_line(text)) {
      ++not_signed_;
    } else if (has_room(text.size())) {
      bytes_ += text.size();
      texts_.emplace_back(text);
    } else {
      ++dropped_;
    }
  }
  // All of `more`, behind these.
  void append(OfferedTexts more) {
    for (const std::string& text : more.texts_) add(text);
    not_signed_ += more.not_signed_;
    dropped_ += more.dropped_;
  }
  // The oldest; there is one.
  [[nodiscard]] std::string take_front() {
    std::string text = std::move(texts_.front());
    texts_.pop_front();
    bytes_ -= text.size();
    return text;
  }

  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  // Nothing to hand over.
  [[nodiscard]] bool empty() const { return texts_.empty() && not_signed_ == 0 && dropped_ == 0; }
  // Texts without a signature, and those for which there was no room, since the last call.
  [[nodiscard]] std::uint64_t take_not_signed() { return std::exchange(not_signed_, 0); }
  [[nodiscard]] std::uint64_t take_dropped() { return std::exchange(dropped_, 0); }

 private:
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return texts_.size() < kOfferedTextsMax && bytes_ + bytes <= kOfferedBytesMax;
  }

  std::deque<std::string> texts_;
  std::size_t bytes_ = 0;
  std::uint64_t not_signed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace sudare
