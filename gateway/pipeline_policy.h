// Where the gateway's policy comes from: the files that the configuration names, and what is served
// when they are not right.
#pragma once

#include <memory>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "gateway/config/config_plan.h"
#include "gateway/pipeline.h"
#include "gateway/policy/load.h"

namespace sudare {

// The greatest serial of a policy that was in force, as the store keeps it: a policy with a lower
// one was superseded and is not taken back. 0: none yet. kMalformed: damaged.
[[nodiscard]] Result<std::uint64_t> kept_serial(const Store& store);
// A commit of its own, where it is greater than the kept one.
[[nodiscard]] Status keep_serial(Store& store, std::uint64_t serial);

class PolicyFiles {
 public:
  explicit PolicyFiles(const GatewayConfigPlan& plan);

  struct Load {
    std::unique_ptr<const Policy> policy;  // empty where there is an error
    std::string text;
    Diagnostics diagnostics;
  };
  // Descriptor sets, ceiling and policy, all read anew. Also says where the policy is not valid on
  // the day. One whose serial is lower than `serial_least` is refused: it was superseded.
  [[nodiscard]] Load load(std::int64_t unix_day, std::uint64_t serial_least) const;

  // At start, where load() failed: the last policy that was taken over, for its essential purposes;
  // or, where there is none or it is not right under the ceiling either, a policy without rules.
  [[nodiscard]] PolicyInUse fallback() const;

  // Keeps a copy of a policy that was taken over in the state directory, for fallback().
  [[nodiscard]] Status remember(const std::string& text) const;

 private:
  [[nodiscard]] Load load_text(const std::string& file, std::string text) const;
  [[nodiscard]] std::string remembered_path() const;

  const GatewayConfigPlan& plan_;
};

}  // namespace sudare
