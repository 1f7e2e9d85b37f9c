// The policy, ceiling and schemas that a command is given: --policy FILE --ceiling FILE
// --descriptor-set FILE.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/policy/load.h"

namespace CLI {
class App;
}

namespace sudare::cli {

struct PolicyFiles {
  std::string policy;
  std::string ceiling;
  std::vector<std::string> descriptor_sets;
  // For the one command that makes signatures: those that the ceiling asks for may be missing.
  bool before_signing = false;
};

// Adds --ceiling and --descriptor-set to a command; the policy's own option is the command's.
void add_policy_options(CLI::App& command, PolicyFiles& files);

struct LoadedPolicy {
  bool readable = false;                 // false: a file could not be read, as diagnostics say
  std::unique_ptr<const Policy> policy;  // empty where there is an error
  // What was checked. Who needs the text takes it from here: the file may change meanwhile.
  std::string text;
  std::unique_ptr<const CeilingPlan> ceiling;  // as its file says; empty where none was given
  Diagnostics diagnostics;                     // of all the files
  SchemaSet schemas;
};

// Reads and checks all of them. With a day, also whether the policy holds on it.
[[nodiscard]] std::unique_ptr<LoadedPolicy> load(const PolicyFiles& files,
                                                 std::optional<std::int64_t> unix_day);

// For commands that use a policy: prints errors; null, with `exit_code` set, where it can't be
// used.
[[nodiscard]] std::unique_ptr<LoadedPolicy> load_or_report(const PolicyFiles& files,
                                                           int& exit_code);

}  // namespace sudare::cli
