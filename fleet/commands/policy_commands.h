// The calls of `sudare policy`, as commands.h.
#pragma once

namespace CLI {
class App;
}

namespace sudare::commands {

void add_policy_diff(CLI::App& policy, int& exit_code);
void add_policy_explain(CLI::App& policy, int& exit_code);
void add_policy_init(CLI::App& policy, int& exit_code);
void add_policy_report(CLI::App& policy, int& exit_code);
void add_policy_sign(CLI::App& policy, int& exit_code);

}  // namespace sudare::commands
