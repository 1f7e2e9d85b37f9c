#include "tests/faults/network/network.h"

#include <utility>

#include "tests/faults/network/story.h"
#include "tests/faults/network/volumes.h"

namespace sudare::faults {

std::vector<Fault> network_faults() {
  std::vector<Fault> all;
  for (auto* const stories : {link_stories, proxy_stories, broker_stories}) {
    for (Story& story : stories()) all.push_back(fault_of(std::move(story)));
  }
  all.push_back(long_outage());
  all.push_back(backlog());
  return all;
}

}  // namespace sudare::faults
