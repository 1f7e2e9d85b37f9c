#include "fleet/cli/usage.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "fleet/cli/console.h"

namespace sudare::cli {
namespace {

std::string names_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* one : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + one->get_name();
  }
  return names;
}

// Whether a command of `app`, or of one below it, is missing or not known; says so on stderr. CLI11
// says of both that one is required.
bool lacks_command(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  std::string call = app.get_name();
  for (const std::string& word : words) {
    if (at->get_subcommands({}).empty()) return false;
    if (word.starts_with('-')) continue;
    const CLI::App* below = nullptr;
    for (const CLI::App* one : at->get_subcommands({})) {
      if (one->get_name() == word) below = one;
    }
    if (below == nullptr) {
      report(call + ": no command " + json_text(word), names_of(*at));
      return true;
    }
    at = below;
    call += " " + word;
  }
  if (at->get_subcommands({}).empty()) return false;
  report(call + ": a command is missing", names_of(*at));
  return true;
}

}  // namespace

int report_usage(const CLI::App& app, const CLI::ParseError& error, int count, char** arguments) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (lacks_command(app, {arguments + std::min(count, 1), arguments + count})) return kExitUsage;
  const std::string& name = app.get_name();
  std::cerr << "error: " << error.what() << "\nhint: " << name << " --help, " << name
            << " CALL --help\n";
  return kExitUsage;
}

}  // namespace sudare::cli
