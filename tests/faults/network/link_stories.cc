// Harm to packets and addresses, between two network namespaces and under TLS.
#include "tests/faults/network/story.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMessages = 1500;

void publish_slowly(World& world, Random& random) {
  for (int i = 0; i < 6; ++i) {
    world.publish(kMessages / 6);
    testkit::pause(milliseconds(between(random, 20, 120)));
  }
}

void loss(World& world, Random& random, std::uint64_t /*run*/) {
  world.link().lose(static_cast<unsigned>(between(random, 10, 30)));
  publish_slowly(world, random);
  testkit::pause(milliseconds(between(random, 200, 1000)));
  world.link().heal();
}

void rate_limit(World& world, Random& random, std::uint64_t /*run*/) {
  world.link().limit_kbit(static_cast<unsigned>(between(random, 24, 64)));
  publish_slowly(world, random);
  testkit::pause(milliseconds(between(random, 200, 1000)));
  world.link().heal();
}

void address_change(World& world, Random& random, std::uint64_t /*run*/) {
  world.publish(kMessages / 6);
  world.link().replace_address();
  publish_slowly(world, random);
  // The bridge's connection then goes on where it was, sooner than it would find out by itself.
  if (world.is_bridge()) world.link().restore_address();
}

Story story(const char* name, const char* what,
            std::function<void(World&, Random&, std::uint64_t)> harm) {
  Story story;
  story.name = name;
  story.what = what;
  story.options.link = true;
  // The least: a peer that is gone without a word is found within ten seconds.
  story.options.unit.cloud_config = "  keepalive_seconds: 5\n";
  story.harm = std::move(harm);
  return story;
}

}  // namespace

std::vector<Story> link_stories() {
  return {
      story("loss",
            "10-30 % of the packets to and from the cloud are lost; control: Mosquitto as a bridge",
            loss),
      story("rate-limit", "a link of 24-64 kbit/s to the cloud; control: Mosquitto as a bridge",
            rate_limit),
      story("address-change",
            "the unit's address is replaced under its connection; control: Mosquitto as a bridge",
            address_change),
  };
}

}  // namespace sudare::faults
