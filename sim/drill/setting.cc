#include "sim/drill/setting.h"

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/open/key_file.h"
#include "gateway/policy/load.h"
#include "sim/car/vehicle.h"

namespace sudare::sim::drill {

namespace {

// How long a batch may wait: nobody watches.
constexpr std::uint32_t kHastenedMs = 1000;

}  // namespace

Parsed<std::unique_ptr<Setting>> Setting::make(const DrillOptions& options) {
  if (const auto ready = crypto_init(); !ready) return input_error(ready.error(), "libsodium");
  auto place =
      Workplace::make(options.tools, identity_of_seed(options.seed), kHastenedMs, options.keep);
  if (!place) return tl::unexpected<InputError>(place.error());
  std::unique_ptr<Setting> setting(new Setting(options, *std::move(place)));
  const SchemaSet schemas;
  const std::string policy = setting->place_.in("policy.textproto");
  setting->policy_ = load_policy_file(policy, schemas, nullptr).policy;
  if (setting->policy_ == nullptr) return input_error(policy, 0, "the gateway would refuse it");
  std::vector<std::string> names = setting->place_.purposes();
  names.emplace_back("relink");
  for (const std::string& name : names) {
    auto keys = age::open_side::read_key_file(setting->key_file(name));
    if (!keys) return input_error(keys.error(), "the key of " + name);
    setting->keys_[name] = *std::move(keys);
  }
  return setting;
}

std::string Setting::public_key(const std::string& name) const {
  return keys(name).front().recipient().to_string();
}

bool Setting::subscribes(std::string_view topic) const {
  return find_source(*policy_, topic) != nullptr;
}

std::vector<std::string> Setting::left_in() const {
  if (!options_.keep) return {};
  return {place_.path()};
}

std::int64_t Setting::today() { return SystemClock().wall_ms() / kMsPerDay; }

}  // namespace sudare::sim::drill
