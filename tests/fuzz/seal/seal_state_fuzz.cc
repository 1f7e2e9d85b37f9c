// What gateway/seal finds in the store: the chains of pseudonyms, the day that time does not go
// behind, the numbers of records. What is damaged is refused, never a crash, and what is kept again
// is read again as it is. The first byte says which.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/crypto_init.h"
#include "gateway/seal/epochs.h"
#include "gateway/seal/record_numbers.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/store/little_endian.h"
#include "tests/fuzz/kept_entries.h"
#include "tests/testkit/manual_clock.h"

namespace sudare {
namespace {

using fuzz::entries_in;
using fuzz::KeptStore;
using fuzz::require;

constexpr std::int64_t kBuildDay = 19'700;
constexpr std::int64_t kStepsMax = 10;
constexpr std::uint32_t kLastDay = 2'932'896;  // 9999-12-31

// A purpose with a pseudonym of each kind: a day, four weeks, until the car is sold, none.
const Policy& policy() {
  static const Policy made = [] {
    Policy policy;
    policy.purposes.resize(4);
    for (PurposePlan& purpose : policy.purposes) purpose.name = std::string("p");
    policy.purposes[0].pseudonym = PseudonymKind::kRotate;
    policy.purposes[0].rotate_days = 1;
    policy.purposes[1].pseudonym = PseudonymKind::kRotate;
    policy.purposes[1].rotate_days = 28;
    policy.purposes[2].pseudonym = PseudonymKind::kUntilTransfer;
    return policy;
  }();
  return made;
}

void load_chains(std::string_view bytes) {
  std::vector<StateEntry> entries = entries_in("epochs", bytes);
  (void)Epochs::transfers(entries);
  for (StateEntry& entry : entries_in("epochs_since", bytes)) entries.push_back(std::move(entry));
  KeptStore kept(std::move(entries));
  const testkit::ManualClock clock;
  const auto time = TrustedTime::load(kept.store(), clock, kBuildDay);
  require(time.has_value());
  (*time)->observe(TimeSource::kGnss, clock.wall_ms());
  const auto epochs = Epochs::load(kept.store(), **time, policy());
  if (!epochs) return;
  require((*epochs)->epoch(0) <= kLastDay);
  std::array<std::uint32_t, 4> before{};
  for (PurposeIndex i = 0; i < before.size(); ++i) before[i] = (*epochs)->epoch(i);
  // Hundreds of steps of a chain that is years behind are no other than these few.
  if (before[0] + kStepsMax < (*time)->day()) return;
  (*epochs)->driving(false);
  const bool due = (*epochs)->due();
  std::vector<StateEntry> changes;
  (*epochs)->advance(changes);
  const bool steps = std::any_of(changes.begin(), changes.end(), [](const StateEntry& entry) {
    return entry.module.view() == kChainsModule.view();
  });
  require(due == steps);
  kept.keep(std::move(changes));
  (*epochs)->advanced();
  require(!(*epochs)->due());
  const auto again = Epochs::load(kept.store(), **time, policy());
  require(again.has_value() && (*again)->generation() == (*epochs)->generation());
  for (PurposeIndex i = 0; i < before.size(); ++i) {
    const EpochKey* const key = (*epochs)->key(i);
    const EpochKey* const same = (*again)->key(i);
    require((key == nullptr) == (same == nullptr));
    require(key == nullptr || key->pseudonym == same->pseudonym);
    require((*again)->epoch(i) == (*epochs)->epoch(i) && (*epochs)->epoch(i) >= before[i]);
  }
}

// What a source says, and the day that was kept.
void load_time(std::string_view bytes) {
  if (bytes.size() < 8) return;
  const auto said = static_cast<std::int64_t>(read_u64(bytes, 0));
  KeptStore kept({{"clock", "floor_day", std::string(bytes.substr(8))}});
  const testkit::ManualClock clock;
  const auto time = TrustedTime::load(kept.store(), clock, kBuildDay);
  if (!time) return;
  const std::int64_t floor = (*time)->floor_day();
  require(floor >= kBuildDay);
  (*time)->observe(TimeSource::kGnss, said);
  (*time)->observe(TimeSource::kTls, said);
  (*time)->raise_floor(said);
  std::vector<StateEntry> changes;
  (*time)->take_changes(changes);
  kept.keep(std::move(changes));
  require((*time)->floor_day() >= floor && (*time)->day() >= (*time)->floor_day());
  require((*time)->tls_time_ms() >= clock.wall_ms());
  const auto again = TrustedTime::load(kept.store(), clock, kBuildDay);
  require(again.has_value() && (*again)->floor_day() == (*time)->floor_day());
}

void load_numbers(std::string_view bytes) {
  KeptStore kept(entries_in("records", bytes));
  const auto numbers = load_record_numbers(kept.store());
  if (!numbers) return;
  std::vector<StateEntry> entries;
  for (const auto& [key, one] : *numbers) entries.push_back(record_numbers_entry(key, one));
  kept.keep(std::move(entries));
  const auto again = load_record_numbers(kept.store());
  require(again.has_value() && *again == *numbers);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static const bool ready = crypto_init().has_value();
  require(ready);
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: load_chains(bytes); break;
    case 1: load_time(bytes); break;
    default: load_numbers(bytes); break;
  }
  return 0;
}
