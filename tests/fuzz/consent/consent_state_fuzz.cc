// The words that were given, as the store has them. What is damaged is refused; whatever was said
// before, a withdrawal with the greatest counter holds, also after a restart, and a new owner has
// granted nothing.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/consent/consent.h"
#include "tests/fuzz/kept_entries.h"

namespace sudare {
namespace {

using fuzz::entries_in;
using fuzz::KeptStore;
using fuzz::require;

constexpr PurposeIndex kOptIn = 0;
constexpr PurposeIndex kOptOut = 1;

const Policy& policy() {
  static const Policy made = [] {
    Policy policy;
    policy.purposes.resize(2);
    policy.purposes[kOptIn].name = "a";
    policy.purposes[kOptIn].consent = v1::Purpose::OPT_IN;
    policy.purposes[kOptOut].name = "b";
    policy.purposes[kOptOut].consent = v1::Purpose::OPT_OUT;
    return policy;
  }();
  return made;
}

void withdraw(Consent& consent, const std::string& purpose, std::vector<StateEntry>& out) {
  Message message;
  message.topic.set("c/" + purpose);
  message.payload.set(R"({"granted":false,"counter":18446744073709551615})");
  require(consent.apply(message, out).has_value());
}

void require_same(const Consent& one, const Consent& other) {
  require(one.withdrawn() == other.withdrawn());
  require(one.allowed(kOptIn) == other.allowed(kOptIn));
  require(one.allowed(kOptOut) == other.allowed(kOptOut));
}

void load(std::string_view bytes) {
  KeptStore kept(entries_in("consent", bytes));
  const auto consent = Consent::load(kept.store(), policy(), "c");
  auto words = kept.store().states("consent");
  require(words.has_value());
  require(Consent::forget_words(*words).has_value() == consent.has_value());
  if (!consent) return;

  KeptStore inherited(std::move(*words));
  const auto next = Consent::load(inherited.store(), policy(), "c");
  require(next.has_value() && (*next)->withdrawn().empty());
  require(!(*next)->allowed(kOptIn) && (*next)->allowed(kOptOut));

  std::vector<StateEntry> changes;
  withdraw(**consent, "a", changes);
  withdraw(**consent, "b", changes);
  require(!(*consent)->allowed(kOptIn) && !(*consent)->allowed(kOptOut));
  kept.keep(std::move(changes));
  const auto again = Consent::load(kept.store(), policy(), "c");
  require(again.has_value());
  require_same(**again, **consent);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sudare::load({reinterpret_cast<const char*>(data), size});
  return 0;
}
