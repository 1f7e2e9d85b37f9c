// The policies of deploy/policies, which `sudare policy init` fills in. There is no key in them.
#pragma once

#include <string_view>

namespace sudare {

[[nodiscard]] std::string_view default_policy_template();
[[nodiscard]] std::string_view ceiling_template();

}  // namespace sudare
