// A network fault as a story that happens to a World, and how it becomes a Fault: the story with
// the gateway, a world for each run, and now and then with the bridge as control.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/faults/campaign/fault.h"
#include "tests/faults/network/random.h"
#include "tests/faults/network/world.h"

namespace sudare::faults {

struct Story {
  std::string name;
  std::string what;
  std::uint64_t short_runs = 1;
  std::uint64_t long_runs = 100;
  WorldOptions options;
  // Publishes, does harm, and heals. `run` counts from 0.
  std::function<void(World& world, Random& random, std::uint64_t run)> harm;
};

Fault fault_of(Story story);

std::vector<Story> link_stories();    // packets: network namespaces
std::vector<Story> proxy_stories();   // connections: the proxy
std::vector<Story> broker_stories();  // brokers that restart, forget, refuse

}  // namespace sudare::faults
