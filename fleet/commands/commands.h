// The calls of `sudare`. Each add_ function declares one to the command line; when it is called it
// runs and puts its exit code into `exit_code`.
#pragma once

namespace CLI {
class App;
}

namespace sudare::commands {

void add_policy(CLI::App& app, int& exit_code);  // policy_commands.h
void add_minimize(CLI::App& app, int& exit_code);
void add_key(CLI::App& app, int& exit_code);  // new, public, certify, inspect
void add_relink(CLI::App& app, int& exit_code);
void add_members(CLI::App& app, int& exit_code);
void add_forget(CLI::App& app, int& exit_code);
void add_provision(CLI::App& app, int& exit_code);
void add_open(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_clip(CLI::App& app, int& exit_code);  // minimize, inspect
void add_doctor(CLI::App& app, int& exit_code);

}  // namespace sudare::commands
