#include "sim/fleet/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace sudare::sim::fleet {

namespace {

// Standard streams, epoll, the receiving side, files of policy and truth.
constexpr std::size_t kOtherDescriptors = 64;

}  // namespace

Parsed<std::size_t> descriptors_for_cars(std::size_t cars, bool all_at_once) {
  const rlim_t wanted = cars + kOtherDescriptors;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted) {
    // Root may go past the hard limit; others up to it.
    rlimit raised{wanted, std::max(wanted, limit.rlim_max)};
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
      raised = {std::min(wanted, limit.rlim_max), limit.rlim_max};
      setrlimit(RLIMIT_NOFILE, &raised);
    }
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= wanted) return cars;
  const auto possible = static_cast<std::size_t>(
      limit.rlim_cur > kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors : 1);
  if (!all_at_once) return possible;
  return input_error({}, 0,
                     "a process here may hold " + std::to_string(possible) +
                         " connections, and all cars are to be connected at a time",
                     "raise the limit (ulimit -Hn, LimitNOFILE=), or run the fleet in parts: "
                     "--shard 1/2, --shard 2/2");
}

}  // namespace sudare::sim::fleet
