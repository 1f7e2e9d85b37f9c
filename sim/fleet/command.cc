// `sudare-sim fleet`: many cars into a cloud broker, and what came of what they sent.
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fleet/cli/broker_options.h"
#include "fleet/cli/console.h"
#include "sim/commands.h"
#include "sim/fleet/fleet.h"
#include "sim/fleet/report.h"
#include "sim/profile.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kJapanMs = 9 * 3'600'000;

struct FleetOptions {
  cli::BrokerOptions broker;
  std::uint32_t cars = 100;
  std::string shard;
  double duration = 600;
  double speed = 1;
  std::uint64_t seed = 1;
  std::string start;
  double together = -1;
  std::string profile;
  bool no_outages = false;
  std::string policy;
  std::vector<std::string> descriptor_sets;
  std::vector<std::string> keys;
  bool no_receive = false;
  std::uint32_t canaries = 0;
  std::string truth;
  bool json = false;
};

Parsed<Done> read_shard(const std::string& text, fleet::FleetPlan& plan) {
  if (text.empty()) return Done{};
  unsigned part = 0;
  unsigned parts = 0;
  int end = 0;
  const bool read = std::sscanf(text.c_str(), "%u/%u%n", &part, &parts, &end) == 2;
  if (!read || static_cast<std::size_t>(end) != text.size() || part < 1 || part > parts ||
      part > plan.cars) {
    return input_error({}, 0, "--shard: no part of a fleet: \"" + text + "\"",
                       "--shard 2/3 is the second of three machines");
  }
  plan.shard = part - 1;
  plan.shards = parts;
  return Done{};
}

// By the day: from midnight in Japan, so that every car's day is in the run.
Parsed<std::int64_t> start_ms_of(const FleetOptions& options) {
  const std::int64_t now_ms = SystemClock().wall_ms();
  if (options.start.empty()) {
    if (options.together >= 0) return now_ms;
    return (now_ms + kJapanMs) / kMsPerDay * kMsPerDay - kJapanMs;
  }
  if (const auto start_ms = parse_time(options.start)) return *start_ms;
  return input_error({}, 0, "--start: no time: \"" + options.start + "\"",
                     "for example 2026-11-22T06:30:00+09:00");
}

Parsed<fleet::PolicyKeys> keys_of(const FleetOptions& options) {
  if (options.policy.empty()) {
    if (options.keys.empty()) return fleet::fresh_policy();
    return input_error({}, 0, "-i needs --policy", "without it the run makes its own keys");
  }
  return fleet::load_policy_keys(options.policy, options.descriptor_sets, options.keys,
                                 !options.no_receive);
}

Parsed<fleet::FleetPlan> plan_of(const FleetOptions& options) {
  auto peer = cli::broker_peer(options.broker);
  if (!peer) {
    return input_error({}, 0, "--cloud-broker: " + std::string(peer.error().what.view()),
                       "mqtt://HOST:PORT, or mqtts://HOST:PORT with --ca; a password goes into "
                       "--password-file");
  }
  auto profile = load_profile(options.profile);
  if (!profile) return tl::unexpected<InputError>(profile.error());
  if (options.no_outages) profile->mutable_link()->set_outages_per_driving_hour(0);
  auto start_ms = start_ms_of(options);
  if (!start_ms) return tl::unexpected<InputError>(start_ms.error());
  fleet::FleetPlan plan;
  plan.cars = options.cars;
  if (auto shard = read_shard(options.shard, plan); !shard) {
    return tl::unexpected<InputError>(shard.error());
  }
  auto keys = keys_of(options);
  if (!keys) return tl::unexpected<InputError>(keys.error());
  const std::int64_t end_ms = *start_ms + std::llround(options.duration * 1000);
  if (!keys->policy->valid_on(*start_ms / kMsPerDay) ||
      !keys->policy->valid_on(end_ms / kMsPerDay)) {
    return input_error({}, 0, "the policy is not valid for the whole run",
                       "another --start, or a policy with other dates");
  }
  plan.cloud = *std::move(peer);
  plan.profile = *std::move(profile);
  plan.keys = *std::move(keys);
  plan.seed = options.seed;
  plan.start_ms = *start_ms;
  plan.duration_ms = end_ms - *start_ms;
  if (options.together >= 0) plan.together_seconds = options.together;
  plan.speed = options.speed;
  plan.receive = !options.no_receive;
  plan.canaries = options.canaries > 0 ? options.canaries : 1 + options.cars / 1000;
  plan.truth_file = options.truth;
  return plan;
}

std::string line_of(const fleet::FleetProgress& progress) {
  char line[200];
  std::snprintf(line, sizeof line,
                "%s: %u cars, %zu connected, %.0f s simulated, %llu messages, %llu batches "
                "delivered, %llu records under way",
                progress.phase, progress.cars, progress.connected,
                static_cast<double>(progress.simulated_ms) / 1000,
                static_cast<unsigned long long>(progress.messages),
                static_cast<unsigned long long>(progress.delivered),
                static_cast<unsigned long long>(progress.outstanding));
  return line;
}

Parsed<int> run(const FleetOptions& options) {
  const auto plan = plan_of(options);
  if (!plan) return tl::unexpected<InputError>(plan.error());
  cli::Progress progress;
  const auto summary = fleet::run_fleet(
      *plan, [&](const fleet::FleetProgress& state) { progress.show(line_of(state)); });
  progress.clear();
  if (!summary) return tl::unexpected<InputError>(summary.error());
  if (summary->sent.messages == 0 && !summary->stopped) {
    return input_error({}, 0, "no car drove in this time: nothing was tested",
                       "--together 60, or another --start or --duration");
  }
  const Policy& policy = *plan->keys.policy;
  if (options.json) {
    std::printf("%s\n", fleet::json_of(*summary, policy).c_str());
  } else {
    std::fputs(fleet::table_of(*summary, policy).c_str(), stdout);
  }
  return summary->clean() ? 0 : 3;
}

void add_options(CLI::App& command, FleetOptions& options) {
  cli::add_broker_options(command, "--cloud-broker", options.broker);
  command.get_option("--cloud-broker")->required();
  command.add_option("--cars", options.cars, "in the whole fleet")
      ->check(CLI::Range(std::uint32_t{1}, fleet::kCarsMax))
      ->capture_default_str();
  command.add_option("--shard", options.shard, "this machine's part of the fleet: 2/3")
      ->type_name("I/N");
  command.add_option("--duration", options.duration, "simulated seconds")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--speed", options.speed, "simulated seconds per second; 0: as fast as it goes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", options.seed, "same seed, same messages")->capture_default_str();
  command
      .add_option("--start", options.start,
                  "when the simulated time begins, ISO 8601; default: midnight in Japan, with "
                  "--together now")
      ->type_name("TIME");
  command
      .add_option("--together", options.together,
                  "all cars drive off within so many seconds; default: each at its hour of the day")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--profile", options.profile, "profile; default: the built-in one")
      ->type_name("FILE");
  command.add_flag("--no-outages", options.no_outages, "no tunnels, no underground parking");
  command
      .add_option("--policy", options.policy,
                  "policy as the gateway takes it; default: the built-in one with fresh keys")
      ->type_name("FILE");
  command.add_option("--descriptor-set", options.descriptor_sets, "a fleet's own messages")
      ->type_name("FILE");
  command.add_option("-i,--identity", options.keys, "key files of the policy's recipients")
      ->type_name("KEYFILE");
  command.add_flag("--no-receive", options.no_receive, "only send: nothing is opened or compared");
  command.add_option("--canaries", options.canaries,
                     "cars whose identifiers and positions are looked for everywhere; default: "
                     "one, and one more per 1000");
  command
      .add_option("--truth", options.truth,
                  "write what all cars planted and sent: large and sensitive")
      ->type_name("FILE");
  command.add_flag("--json", options.json, "the result as JSON");
}

}  // namespace

void add_fleet_command(CLI::App& app, int& status) {
  auto options = std::make_shared<FleetOptions>();
  CLI::App* command = app.add_subcommand(
      "fleet", "many cars with real pipelines into a cloud broker; exit 3 on a loss or a leak");
  add_options(*command, *options);
  command->callback([options, &status] {
    const auto result = run(*options);
    if (!result) std::fputs(result.error().to_string().c_str(), stderr);
    status = result ? *result : 1;
  });
}

}  // namespace sudare::sim
