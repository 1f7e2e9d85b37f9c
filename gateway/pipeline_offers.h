// Which policy from the cloud is looked at next: fresh ones in their order, and of those that
// everybody signed who must, one that the disk did not take and one whose day has not come. Nothing
// that isn't signed touches these two: whoever may publish on the topic could otherwise keep a unit
// from any policy by sending junk after each.
//
// A look costs up to kPolicySignersMax checks of a signature over 256 KiB: so looks are bounded per
// time, and what comes faster is dropped and counted. Does not judge: PolicyFiles does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/policy/offered_texts.h"

namespace sudare {

// Looks at fresh texts: so many at once, and one more in each such time. A look takes some
// milliseconds on a small processor, so this is a few hundredths of its time.
inline constexpr std::int64_t kLooksAtOnceMax = 8;
inline constexpr std::int64_t kLookEveryMs = 500;
// A disk that did not take a policy is asked again after so long.
inline constexpr std::int64_t kOfferAgainMs = 5'000;

// On the committing thread. Times are of the monotonic clock, but for `unix_day`.
class PolicyOffers {
 public:
  // How many were dropped, here or before: too many wait. Those that nobody signed, the caller has
  // counted.
  [[nodiscard]] std::uint64_t add(OfferedTexts texts);
  // The one to be looked at now, taken out: where it is to be looked at again, the caller gives it
  // back. Nothing: there is none, or it is too soon.
  [[nodiscard]] std::optional<std::string> next(std::int64_t now_ms, std::int64_t unix_day);
  // Until next() may have one; -1: none waits but for its day.
  [[nodiscard]] std::int64_t due_in_ms(std::int64_t now_ms) const;

  // A signed text is kept for later, unless one with a greater serial is: an older one that
  // somebody sends again displaces nothing.
  void not_kept(std::string text, std::uint64_t serial, std::int64_t now_ms);  // by the disk
  void not_today(std::string text, std::uint64_t serial, std::int64_t unix_day);
  // What is kept up to this serial is superseded.
  void in_force(std::uint64_t serial);

 private:
  struct Kept {
    std::string text;
    std::uint64_t serial = 0;
    std::int64_t since = 0;  // ms or day
  };
  static void keep(std::optional<Kept>& place, Kept kept);
  [[nodiscard]] std::int64_t look_in_ms(std::int64_t now_ms) const;

  OfferedTexts fresh_;
  std::optional<Kept> not_kept_;
  std::optional<Kept> not_today_;
  std::int64_t paid_until_ms_ = 0;  // each look costs kLookEveryMs; paid in advance
};

}  // namespace sudare
