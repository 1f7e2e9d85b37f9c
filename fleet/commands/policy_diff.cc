// `sudare policy diff OLD NEW`: what the new version releases more or less.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "fleet/cli/console.h"
#include "fleet/cli/policy_files.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/policy_commands.h"
#include "fleet/diff/diff_output.h"
#include "gateway/policy/findings.h"
#include "gateway/policy/signed_policy.h"

namespace sudare::commands {
namespace {

struct DiffOptions {
  std::string before;
  cli::PolicyFiles after;  // its ceiling and schemas are for both
  bool json = false;
};

// The message of a policy that has passed the check; says on stderr what is wrong otherwise.
bool read_policy(const cli::PolicyFiles& files, v1::Policy& policy, int& exit_code) {
  exit_code = cli::kExitFailure;
  const auto loaded = cli::load(files, std::nullopt);
  if (!loaded->readable) return false;
  if (loaded->policy == nullptr) {
    cli::report(loaded->diagnostics);
    return false;
  }
  const auto split = read_signed_policy(loaded->text);
  TextPositions positions;
  Diagnostics ignored;
  return split && read_text_proto(PolicyReader::key(), files.policy, split->text, policy, positions,
                                  ignored);
}

int run(const DiffOptions& options) {
  cli::PolicyFiles before = options.after;
  before.policy = options.before;
  v1::Policy old_policy;
  v1::Policy new_policy;
  int exit_code = cli::kExitOk;
  if (!read_policy(before, old_policy, exit_code) ||
      !read_policy(options.after, new_policy, exit_code)) {
    return exit_code;
  }
  const std::vector<PolicyChange> changes = diff_policies(old_policy, new_policy);
  std::cout << (options.json ? diff_json(changes) : diff_text(changes));
  for (const PolicyChange& change : changes) {
    if (change.effect == DiffEffect::kMore) return cli::kExitFindings;
  }
  return cli::kExitOk;
}

}  // namespace

void add_policy_diff(CLI::App& policy, int& exit_code) {
  auto options = std::make_shared<DiffOptions>();
  // Before or after it is signed: what it says is the same.
  options->after.before_signing = true;
  CLI::App* diff = policy.add_subcommand(
      "diff", "say what a new version of a policy releases more or less than the old one");
  diff->add_option("OLD", options->before, "the version in force")->required();
  diff->add_option("NEW", options->after.policy, "the version to come")->required();
  cli::add_policy_options(*diff, options->after);
  diff->add_flag("--json", options->json, "print a line of JSON per change");
  diff->footer(
      "What can't be compared counts as more. Exit 0: nothing more; 3: the new version releases\n"
      "more; 1: a file can't be read or fails the check.\n");
  diff->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
