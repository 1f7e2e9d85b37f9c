// Texts from the policy topic that nobody has judged yet, on their way from the uploader to the
// committing thread. Whoever may publish there can send junk as fast as the broker lets it: so no
// text takes another one's place, what nobody can have signed is not kept at all, and the rest is
// bounded. Checks nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/policy/signed_policy.h"
#include "gateway/policy/updates.h"

namespace sudare {

// Of texts that wait: more come at once only from somebody who sends junk.
inline constexpr std::size_t kOfferedTextsMax = 8;
inline constexpr std::size_t kOfferedBytesMax = 2 * kPolicyOverAirBytesMax;

// Not thread-safe.
class OfferedTexts {
 public:
  void add(std::string_view text) {
    if (first_signature(text) == text.size()) ++not_signed_;
    else if (takes(text)) keep(std::string(text));
  }
  // All of `more`, behind these.
  void append(OfferedTexts more) {
    for (std::string& text : more.texts_) {
      if (takes(text)) keep(std::move(text));
    }
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
  // One that waits already takes no second place; one for which there is no room is counted.
  [[nodiscard]] bool takes(std::string_view text) {
    if (std::find(texts_.begin(), texts_.end(), text) != texts_.end()) return false;
    if (texts_.size() < kOfferedTextsMax && bytes_ + text.size() <= kOfferedBytesMax) return true;
    ++dropped_;
    return false;
  }
  void keep(std::string text) {
    bytes_ += text.size();
    texts_.push_back(std::move(text));
  }

  std::deque<std::string> texts_;
  std::size_t bytes_ = 0;
  std::uint64_t not_signed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace sudare
