// Reads gateway.textproto (proto/sudare/v1/config.proto). Every error names file, line and column.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/build_parts.h"
#include "base/diagnostic.h"
#include "gateway/config/config_plan.h"

namespace sudare {

struct ConfigLoad {
  std::optional<GatewayConfigPlan> plan;  // empty where there is an error
  Diagnostics diagnostics;                // errors and warnings
};

// Pure but for `file`, which names it in diagnostics and is where relative paths start.
// What it asks for that is not among `parts`, or without them not in this build, is an error.
[[nodiscard]] ConfigLoad load_config(const std::string& file, std::string_view text);
[[nodiscard]] ConfigLoad load_config(const std::string& file, std::string_view text,
                                     const BuildParts& parts);
// Reads it, at most kOperatorFileBytesMax.
[[nodiscard]] ConfigLoad load_config_file(const std::string& path);

// Whether the files and directories that the plan names can be used: readable, not empty, keys not
// open to others; the state directory there and writable, or to be made. Not the policy's content.
[[nodiscard]] Diagnostics check_config_files(const GatewayConfigPlan& plan);

}  // namespace sudare
