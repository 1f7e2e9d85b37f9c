#include "gateway/config/command_line.h"

#include <utility>

namespace sudare {
namespace {

// As the other programs' --help is laid out: man pages and completion are made from it
// (deploy/texts.sh).
constexpr std::string_view kAbout =
    "Sudare's gateway: releases what the policy says, sealed, and nothing else.\n";
constexpr std::string_view kOptions =
    "\nOptions:\n"
    "  -h,--help                   Print this help message and exit\n"
    "  --config FILE REQUIRED      gateway.textproto\n"
    "  --check                     Validate configuration, policy and files, and exit\n"
    "  --version                   Display program version information and exit\n";
constexpr std::string_view kConfig = "--config";

CommandLine says(std::string text) { return {std::nullopt, std::move(text), false}; }

CommandLine usage_error(std::string text) {
  return {std::nullopt,
          "error: " + std::move(text) +
              "\nhint: sudare-gateway --config FILE, with --check to look at it only; --help\n",
          true};
}

}  // namespace

CommandLine read_command_line(std::string_view program, std::span<const char* const> arguments,
                              std::string_view version) {
  GatewayCommand command;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view one = arguments[i];
    if (one == "-h" || one == "--help") {
      return says(std::string(kAbout) + "Usage: " + std::string(program) + " [OPTIONS]\n" +
                  std::string(kOptions));
    }
    if (one == "--version") return says("sudare-gateway " + std::string(version) + "\n");
    if (one == "--check") {
      command.check_only = true;
    } else if (one == kConfig) {
      if (i + 1 == arguments.size() || arguments[i + 1][0] == '-') {
        return usage_error("--config: 1 required FILE missing");
      }
      command.config_file = arguments[++i];
    } else if (one.substr(0, kConfig.size() + 1) == "--config=") {
      command.config_file = one.substr(kConfig.size() + 1);
    } else {
      return usage_error("unknown argument: " + std::string(one));
    }
  }
  if (command.config_file.empty()) return usage_error("--config is required");
  return {std::move(command), std::string(), false};
}

}  // namespace sudare
