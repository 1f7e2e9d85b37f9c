// What gateway/clips finds in the store: the ledger of files, events that wait, bytes sent today,
// the key of tags. What can't be read is dropped, never a crash, and what is there is written and
// read again as it is.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/crypto_init.h"
#include "gateway/clips/clip_events.h"
#include "gateway/clips/clip_ledger.h"
#include "gateway/clips/clip_tags.h"
#include "gateway/clips/send_rules.h"
#include "tests/fuzz/kept_entries.h"
#include "tests/testkit/manual_clock.h"

namespace sudare {
namespace {

using fuzz::KeptStore;
using fuzz::require;

constexpr std::int64_t kDay = 20'000;
constexpr std::string_view kDone = "done/";

void load_ledger(KeptStore& kept) {
  auto ledger = ClipLedger::load(kept.store());
  const auto entries = kept.store().states(kClipsModule);
  require(ledger.has_value() && entries.has_value());
  std::size_t known = 0;
  for (const StateEntry& entry : *entries) {
    if (!entry.key.starts_with(kDone)) continue;
    const std::string tag = entry.key.substr(kDone.size());
    const auto outcome = ledger->find(tag);
    if (!outcome) continue;
    ++known;
    const StateEntry again = ClipLedger::entry(tag, *outcome);
    require(again.key == entry.key && again.value == entry.value);
  }
  require(ledger->size() == known);
  // No file is there: each goes from the disk, too.
  std::vector<StateEntry> gone;
  ledger->begin_pass();
  ledger->retain({}, gone);
  require(ledger->empty() && gone.size() == known);
}

void load_events(KeptStore& kept, const Clock& clock) {
  const auto tags = ClipTags::load(kept.store());
  if (!tags) return;
  std::vector<StateEntry> dropped;
  const auto events = ClipEvents::load(kept.store(), *tags, clock, kDay, dropped);
  require(events.has_value());
  kept.keep(std::move(dropped));
  std::vector<StateEntry> more;
  auto again = ClipEvents::load(kept.store(), *tags, clock, kDay, more);
  require(again.has_value() && more.empty() && again->size() == events->size());
  const ClipNotice notice{"a.mp4", "m", v1::Clips::IMPACT, 1000};
  require(again->take(notice, kDay, more).has_value());
  const PendingEvent* const event = again->find("a.mp4");
  require(event != nullptr && event->moment_ms == 1000);
}

void load_send_rules(KeptStore& kept, const Clock& clock) {
  static const Policy policy = [] {
    Policy made;
    made.purposes.resize(1);
    made.purposes[0].name = std::string("p");
    made.purposes[0].clips.emplace().daily_bytes_max = 1U << 30U;
    return made;
  }();
  const auto time = TrustedTime::load(kept.store(), clock, kDay);
  require(time.has_value());
  auto rules = SendRules::load(kept.store(), policy, **time, "net");
  require(rules.has_value());
  const std::uint64_t before = rules->allowances().at("p");
  std::vector<StateEntry> changes;
  rules->published({{"p", 5}}, changes);
  const std::uint64_t left = rules->allowances().at("p") - 5;  // since the start
  require(left <= before);
  kept.keep(std::move(changes));
  const auto again = SendRules::load(kept.store(), policy, **time, "net");
  require(again.has_value() && again->allowances().at("p") == left);
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  static const bool ready = crypto_init().has_value();
  fuzz::require(ready);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const testkit::ManualClock clock;
  KeptStore kept(fuzz::entries_in(kClipsModule, bytes));
  load_ledger(kept);
  load_send_rules(kept, clock);
  load_events(kept, clock);
  return 0;
}
