// What sudare-gateway is started with. By hand: a library for command lines would be a tenth of the
// small gateway (docs/deploy.md).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sudare {

struct GatewayCommand {
  std::string config_file;
  bool check_only = false;
};

struct CommandLine {
  std::optional<GatewayCommand> command;  // empty: nothing to do but to say `text`
  std::string text;
  bool usage_error = false;  // `text` is for stderr
};

// `program` is argv[0], for the help; `arguments` are those after it. The last of an option that is
// there twice counts. Pure.
[[nodiscard]] CommandLine read_command_line(std::string_view program,
                                            std::span<const char* const> arguments,
                                            std::string_view version);

}  // namespace sudare
