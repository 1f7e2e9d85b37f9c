// Harm by brokers: they restart, forget their sessions, refuse.
#include "tests/faults/network/story.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using testkit::eventually;

constexpr std::uint64_t kMessages = 1500;

// A bridge is told of nothing: what it does not do within its first attempts it does after its own
// timeout, which is longer than a run. So the cloud is there when the local broker comes back.
void broker_restarts(World& world, Random& random, std::uint64_t /*run*/) {
  constexpr int kRounds = 4;
  world.drive([&] {
    for (int i = 0; i < kRounds; ++i) {
      const bool last = i == kRounds - 1;
      world.unit().cloud().stop();
      testkit::pause(milliseconds(between(random, 50, 300)));
      if (!last && between(random, 0, 1) == 1) world.restart_local();
      world.start_cloud();
      if (last) world.restart_local();
    }
  });
}

// The local broker is killed and keeps nothing, neither messages nor that the gateway is there.
void session_loss(World& world, Random& random, std::uint64_t /*run*/) {
  constexpr int kRounds = 3;
  world.unit().cloud().stop();
  world.drive([&] {
    for (int i = 0; i < kRounds; ++i) {
      testkit::pause(milliseconds(between(random, 100, 400)));
      world.unit().local().kill();
      if (i == kRounds - 1) world.start_cloud();
      world.unit().local().start();
    }
    testkit::pause(milliseconds(between(random, 100, 400)));
  });
}

void refused_publishes(World& world, Random& random, std::uint64_t /*run*/) {
  testkit::Broker& cloud = world.unit().cloud();
  world.use_acl(cloud, "topic read sudare/#\n");
  testkit::pause(milliseconds(300));
  world.publish(between(random, 700, 900));
  const auto refused = [&] { return world.metric("sudare_uplink_refused_total") > 0; };
  if (!world.is_bridge() && !eventually(refused)) throw std::runtime_error("nothing is refused");
  world.publish(between(random, 700, 900));
  world.use_acl(cloud, "topic readwrite sudare/#\n");
  testkit::pause(milliseconds(300));
}

void acl_changes(World& world, Random& random, std::uint64_t run) {
  world.keep_from_unit(between(random, 50, 150));
  world.publish(between(random, 100, 300));
  refused_publishes(world, random, run);
}

// A limit that no batch and no message fits in.
void packets_over_limit(World& world, Random& random, std::uint64_t /*run*/) {
  testkit::Broker& cloud = world.unit().cloud();
  cloud.stop();
  cloud.set_extra("max_packet_size " + std::to_string(between(random, 80, 150)));
  world.start_cloud();
  world.publish(kMessages);
  if (!world.taken()) throw std::runtime_error("not taken");
  testkit::pause(milliseconds(between(random, 500, 1500)));
  cloud.stop();
  cloud.set_extra("");
  world.start_cloud();
}

Story story(const char* name, const char* what,
            std::function<void(World&, Random&, std::uint64_t)> harm) {
  Story story;
  story.name = name;
  story.what = what;
  story.harm = std::move(harm);
  return story;
}

}  // namespace

std::vector<Story> broker_stories() {
  std::vector<Story> all = {
      story("session-loss",
            "the local broker is killed and forgets everything while the cloud is away; control: "
            "Mosquitto as a bridge",
            session_loss),
      story("refused-publishes",
            "the cloud's access list refuses every batch; control: Mosquitto as a bridge, which "
            "takes a refusal for an acknowledgement",
            refused_publishes),
      story("acl-changes",
            "access lists of both brokers change at run time; control: Mosquitto as a bridge",
            acl_changes),
      story("packets-over-limit",
            "the cloud takes no packet of a batch's size; control: Mosquitto as a bridge",
            packets_over_limit),
      story("broker-restarts",
            "cloud and local broker restart at random; control: Mosquitto as a bridge",
            broker_restarts),
  };
  all.back().options.unit.local_persistence = true;
  return all;
}

}  // namespace sudare::faults
