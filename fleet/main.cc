// `sudare`: the tool for engineers, operators, the fleet side and the owner.
#include <CLI/CLI.hpp>
#include <exception>
#include <string>

#include "crypto/crypto_init.h"
#include "fleet/cli/console.h"
#include "fleet/cli/usage.h"
#include "fleet/commands/commands.h"

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
    return cli::report_usage(app, error, count, arguments);
  } catch (const std::exception& error) {
    // Memory, or a stream that broke: nothing that came from a car is in its text.
    return cli::report(error.what());
  }
  return exit_code;
}
