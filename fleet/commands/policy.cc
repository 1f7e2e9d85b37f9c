// `sudare policy check FILE`: everything that is wrong with a policy, and what would fix it.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fleet/cli/console.h"
#include "fleet/cli/policy_files.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/policy_commands.h"
#include "gateway/policy/check.h"

namespace sudare::commands {
namespace {

struct CheckOptions {
  cli::PolicyFiles files;
  std::string day;
  bool json = false;
};

void print_json(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    const bool error = one.severity() == DiagnosticSeverity::kError;
    const nlohmann::ordered_json line{{"severity", error ? "error" : "warning"},
                                      {"file", one.file()},
                                      {"line", one.line()},
                                      {"column", one.column()},
                                      {"text", one.text()},
                                      {"hint", one.hint()}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
}

int run(const CheckOptions& options) {
  std::int64_t day = SystemClock().wall_ms() / kMsPerDay;
  if (!options.day.empty() && !parse_day(options.day, day)) {
    cli::report("--day " + options.day + ": not a day", "YYYY-MM-DD");
    return cli::kExitUsage;
  }
  const auto loaded = cli::load(options.files, day);
  if (!loaded->readable) return cli::kExitFailure;
  if (options.json) {
    print_json(loaded->diagnostics);
  } else {
    cli::report(loaded->diagnostics);
  }
  if (loaded->policy == nullptr) return cli::kExitFindings;
  if (!options.json) {
    std::cout << options.files.policy << ": ok, "
              << cli::counted(loaded->policy->purposes.size(), "purpose") << ", "
              << cli::counted(loaded->policy->sources.size(), "source") << "\n";
  }
  return cli::kExitOk;
}

}  // namespace

void add_policy(CLI::App& app, int& exit_code) {
  CLI::App* policy = app.add_subcommand("policy",
                                        "check, compare and sign a policy, explain what it "
                                        "releases, measure what that gives away, or "
                                        "begin a new one");
  policy->require_subcommand(1);

  auto options = std::make_shared<CheckOptions>();
  CLI::App* check = policy->add_subcommand(
      "check", "say what is wrong with a policy, where, and what would fix it");
  check->add_option("FILE", options->files.policy, "the policy")->required();
  cli::add_policy_options(*check, options->files);
  check->add_option("--day", options->day, "check whether it holds on this day; default: today")
      ->type_name("YYYY-MM-DD");
  check->add_flag("--json", options->json, "print a line of JSON per finding");
  check->footer("Exit 0: no errors, warnings perhaps; 3: errors; 1: a file can't be read.\n");
  check->callback([options, &exit_code] { exit_code = run(*options); });

  add_policy_diff(*policy, exit_code);
  add_policy_explain(*policy, exit_code);
  add_policy_init(*policy, exit_code);
  add_policy_report(*policy, exit_code);
  add_policy_sign(*policy, exit_code);
}

}  // namespace sudare::commands
