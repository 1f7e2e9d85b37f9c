#include "fleet/cli/policy_files.h"

#include <CLI/CLI.hpp>

#include "base/limits.h"
#include "fleet/cli/console.h"
#include "fleet/cli/read_file.h"

namespace sudare::cli {
namespace {

struct Texts {
  std::string policy;
  std::string ceiling;
};

// Says on stderr which file can't be read.
bool readable(const std::string& file, std::size_t bytes_max, std::string& text) {
  Result<std::string> read = read_file(file, bytes_max);
  if (!read) {
    report(file, read.error(), "check the path and its permissions");
    return false;
  }
  text = std::move(*read);
  return true;
}

void add(Diagnostics&& more, Diagnostics& all) {
  for (Diagnostic& one : more) all.push_back(std::move(one));
}

bool any_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) return true;
  }
  return false;
}

std::unique_ptr<const CeilingPlan> without_signers(const CeilingPlan& ceiling) {
  auto plan = std::make_unique<CeilingPlan>(ceiling);
  plan->policy.clear_policy_signer();
  plan->policy.clear_policy_threshold();
  return plan;
}

}  // namespace

void add_policy_options(CLI::App& command, PolicyFiles& files) {
  command.add_option("--ceiling", files.ceiling, "ceiling of the device image, which bounds it")
      ->type_name("FILE");
  command
      .add_option("--descriptor-set", files.descriptor_sets,
                  "schemas of a fleet's own (protoc --include_imports --descriptor_set_out)")
      ->type_name("FILE");
}

std::unique_ptr<LoadedPolicy> load(const PolicyFiles& files, std::optional<std::int64_t> unix_day) {
  auto loaded = std::make_unique<LoadedPolicy>();
  Texts texts;
  std::string ignored;
  if (!readable(files.policy, kOperatorFileBytesMax, texts.policy)) return loaded;
  if (!files.ceiling.empty() && !readable(files.ceiling, kOperatorFileBytesMax, texts.ceiling)) {
    return loaded;
  }
  for (const std::string& file : files.descriptor_sets) {
    constexpr std::size_t kDescriptorSetBytesMax = 16 * 1024 * 1024;
    if (!readable(file, kDescriptorSetBytesMax, ignored)) return loaded;
    add(loaded->schemas.add_descriptor_set(file, ignored), loaded->diagnostics);
  }
  loaded->readable = true;
  CeilingLoad ceiling;
  if (!files.ceiling.empty()) {
    ceiling = load_ceiling(files.ceiling, texts.ceiling);
    add(std::move(ceiling.diagnostics), loaded->diagnostics);
  }
  std::unique_ptr<const CeilingPlan> unsigned_yet;
  if (ceiling.ceiling && files.before_signing) unsigned_yet = without_signers(*ceiling.ceiling);
  PolicyLoad policy = load_policy(files.policy, texts.policy, loaded->schemas,
                                  unsigned_yet ? unsigned_yet.get() : ceiling.ceiling.get());
  loaded->ceiling = std::move(ceiling.ceiling);
  add(std::move(policy.diagnostics), loaded->diagnostics);
  if (unix_day) {
    add(check_expiry(files.policy, texts.policy, *unix_day), loaded->diagnostics);
  }
  loaded->text = std::move(texts.policy);
  if (!any_error(loaded->diagnostics)) loaded->policy = std::move(policy.policy);
  return loaded;
}

std::unique_ptr<LoadedPolicy> load_or_report(const PolicyFiles& files, int& exit_code) {
  std::unique_ptr<LoadedPolicy> loaded = load(files, std::nullopt);
  if (loaded->policy != nullptr) return loaded;
  exit_code = kExitFailure;
  report(loaded->diagnostics);
  return nullptr;
}

}  // namespace sudare::cli
