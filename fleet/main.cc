// `sudare`: the tool for engineers, operators, the fleet side and the owner.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "crypto/crypto_init.h"
#include "fleet/cli/console.h"
#include "fleet/commands/commands.h"

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
      sudare::cli::report(call + ": no command " + sudare::cli::json_text(word), names_of(*at));
      return true;
    }
    at = below;
    call += " " + word;
  }
  if (at->get_subcommands({}).empty()) return false;
  sudare::cli::report(call + ": a command is missing", names_of(*at));
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace sudare;
  CLI::App app{"Sudare: minimise, seal and open what cars upload", "sudare"};
  app.set_version_flag("--version", std::string("sudare ") + SUDARE_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  int exit_code = cli::kExitOk;
  commands::add_policy(app, exit_code);
  commands::add_minimize(app, exit_code);
  commands::add_key(app, exit_code);
  commands::add_provision(app, exit_code);
  commands::add_open(app, exit_code);
  commands::add_relink(app, exit_code);
  commands::add_members(app, exit_code);
  commands::add_forget(app, exit_code);
  commands::add_inspect(app, exit_code);
  commands::add_audit(app, exit_code);
  commands::add_clip(app, exit_code);
  commands::add_doctor(app, exit_code);
  if (!crypto_init()) return cli::report("libsodium could not start", "is /dev/urandom there?");
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    if (lacks_command(app, {arguments + std::min(count, 1), arguments + count})) {
      return cli::kExitUsage;
    }
    std::cerr << "error: " << error.what() << "\nhint: sudare --help, sudare CALL --help\n";
    return cli::kExitUsage;
  } catch (const std::exception& error) {
    // Memory, or a stream that broke: nothing that came from a car is in its text.
    return cli::report(error.what());
  }
  return exit_code;
}
