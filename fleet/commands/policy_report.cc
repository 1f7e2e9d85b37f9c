// `sudare policy report FILE`: how far attackers get with what a policy releases.
//
// The measurement is a simulation: fleets of cars and attackers, which no receiving side needs. So
// it lives in sudare-sim, and this command checks the policy and then becomes that program.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fleet/cli/console.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/policy_files.h"
#include "fleet/commands/policy_commands.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSimulator = "sudare-sim";

struct ReportOptions {
  cli::PolicyFiles files;
  std::string purpose;
  std::string output;
  bool json = false;
  bool full = false;
};

// "fleet.textproto" is reported in "fleet.report.html" beside it.
std::string page_of(const std::string& policy) {
  return fs::path(policy).replace_extension(".report.html");
}

// The simulator of this installation, before whatever is in the PATH.
std::string simulator() {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / kSimulator;
  return !error && access(beside.c_str(), X_OK) == 0 ? beside.string() : kSimulator;
}

std::vector<std::string> arguments_of(const ReportOptions& options) {
  std::vector<std::string> arguments = {simulator(), "attack", "--policy", options.files.policy};
  if (!options.full) arguments.emplace_back("--small");
  for (const std::string& file : options.files.descriptor_sets) {
    arguments.insert(arguments.end(), {"--descriptor-set", file});
  }
  if (!options.purpose.empty()) {
    arguments.insert(arguments.end(), {"--purpose", options.purpose});
  }
  const std::string page = options.output.empty() ? page_of(options.files.policy) : options.output;
  const std::string json = options.json ? "-" : fs::path(page).replace_extension(".json").string();
  arguments.insert(arguments.end(), {"--html", page, "--json", json});
  return arguments;
}

// Returns only where it fails.
int become(std::vector<std::string> arguments) {
  std::vector<char*> raw;
  raw.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  execvp(raw[0], raw.data());
  if (errno == ENOENT) {
    return cli::report(
        "the simulator is not installed: no sudare-sim beside this program or in "
        "the PATH",
        "./dev build makes it; sudare-sim attack --policy FILE does the same on "
        "another machine");
  }
  return cli::report(arguments[0] + ": can't be started: " + std::strerror(errno));
}

int run(const ReportOptions& options) {
  const auto loaded = cli::load(options.files, SystemClock().wall_ms() / kMsPerDay);
  if (!loaded->readable) return cli::kExitFailure;
  if (loaded->policy == nullptr) {
    cli::report(loaded->diagnostics);
    return cli::kExitFindings;
  }
  return become(arguments_of(options));
}

}  // namespace

void add_policy_report(CLI::App& policy, int& exit_code) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* report = policy.add_subcommand(
      "report", "measure how far attackers get with what a policy releases; a page and JSON");
  report->add_option("FILE", options->files.policy, "the policy")->required();
  cli::add_policy_options(*report, options->files);
  report
      ->add_option("--purpose", options->purpose, "this purpose only; default: all with positions")
      ->type_name("NAME");
  report
      ->add_option("-o,--output", options->output,
                   "the page; default: FILE with .report.html in place of its extension")
      ->check(cli::refuse_standard_output)
      ->type_name("FILE");
  report->add_flag("--json", options->json, "JSON on standard output in place of the table");
  report->add_flag("--full", options->full, "as many cars as published figures need: half an hour");
  report->footer(
      "Exit 0: every goal met; 3: a goal missed, or errors in the policy; 1: a failure, or "
      "attackers "
      "too weak to prove anything.\n");
  report->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
