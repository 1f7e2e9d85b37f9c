// Harm to connections, by the proxy.
#include "tests/faults/network/story.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using testkit::Weather;

constexpr std::uint64_t kMessages = 1500;

void resets(World& world, Random& random, std::uint64_t /*run*/) {
  constexpr int kRounds = 6;
  for (int i = 0; i < kRounds; ++i) {
    world.proxy().cut_after(between(random, 1, 4000));
    world.publish(kMessages / kRounds);
    testkit::pause(milliseconds(between(random, 0, 100)));
    world.proxy().reset_all();
  }
}

// Every other run the network answers with a reset after a while, as a router does that was
// started again; else nobody ever says anything, and only the keepalive finds out.
void half_open(World& world, Random& random, std::uint64_t run) {
  Weather weather;
  weather.swallow = true;
  world.proxy().set(weather);
  world.publish(kMessages);
  testkit::pause(milliseconds(between(random, 100, 1000)));
  world.proxy().set({});
  if (run % 2 == 1 || world.is_bridge()) world.proxy().reset_all();
}

void slow_tls(World& world, Random& random, std::uint64_t /*run*/) {
  Weather weather;
  weather.swallow = true;  // first a handshake that gets no answer
  world.proxy().set(weather);
  world.proxy().reset_all();
  world.publish(kMessages / 2);
  testkit::pause(milliseconds(between(random, 500, 800)));
  weather = {};
  weather.bytes_per_second = between(random, 4000, 8000);
  weather.piece_bytes = 1;
  world.proxy().set(weather);
  world.proxy().reset_all();
  world.publish(kMessages / 2);
  testkit::pause(milliseconds(between(random, 500, 1500)));
  world.proxy().set({});
}

Story story(const char* name, const char* what,
            std::function<void(World&, Random&, std::uint64_t)> harm) {
  Story story;
  story.name = name;
  story.what = what;
  story.options.unit.cloud_config = "  keepalive_seconds: 5\n";
  story.harm = std::move(harm);
  return story;
}

}  // namespace

std::vector<Story> proxy_stories() {
  std::vector<Story> all = {
      story(
          "resets",
          "connections to the cloud are reset, also in the middle of a packet; control: Mosquitto "
          "as a bridge",
          resets),
      story("half-open",
            "connections to the cloud swallow everything without a word; control: Mosquitto as a "
            "bridge",
            half_open),
      story("slow-tls",
            "handshakes that stall, and TLS byte by byte; control: Mosquitto as a bridge",
            slow_tls),
  };
  all.back().options.unit.cloud_tls = true;
  return all;
}

}  // namespace sudare::faults
