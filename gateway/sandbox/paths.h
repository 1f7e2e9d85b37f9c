// The files and ports that are left to the gateway.
//
// Landlock's rules are of the files that a path names when they are made. What an operator replaces
// by another file of the same name is still to be read, so a rule is of the directory that a file
// is in; but what stands at the top of the file system (/etc, /run) holds other people's files, and
// there the rule is of the file alone. Reach notices when such a file has become another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/sandbox/landlock.h"
#include "gateway/config/config_plan.h"

namespace sudare {

// For this thread and those that it starts. PR_SET_NO_NEW_PRIVS must be set. 0: the kernel has no
// Landlock. kIo.
[[nodiscard]] Result<LandlockVersion> forbid_other_paths(const GatewayConfigPlan& plan);

// What the gateway opens again while it runs: files of the configuration, the resolver's, the
// spool.
[[nodiscard]] std::vector<std::string> reopened_paths(const GatewayConfigPlan& plan);

// Whether something that the gateway opens again was replaced, or mounted, since it started, so
// that it is out of its reach. Only a new start helps.
class Reach {
 public:
  // Looks at all of them. Before forbid_other_paths().
  explicit Reach(const GatewayConfigPlan& plan);
  // True where one is another one now and may not be opened. Some system calls.
  [[nodiscard]] bool lost();

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  static std::optional<Identity> identity_of(const std::string& path);

  std::map<std::string, std::optional<Identity>> known_;
};

}  // namespace sudare
