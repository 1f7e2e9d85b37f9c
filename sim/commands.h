// The program's subcommands. Each adds itself to the command line and sets the exit status when it
// was called: 0 ok, 1 failure, 3 findings.
#pragma once

#include <CLI/CLI.hpp>

namespace sudare::sim {

void add_vehicle_command(CLI::App& app, int& status);
void add_replay_command(CLI::App& app, int& status);
void add_compare_command(CLI::App& app, int& status);
void add_demo_command(CLI::App& app, int& status);
void add_attack_command(CLI::App& app, int& status);
void add_bench_command(CLI::App& app, int& status);
void add_fleet_command(CLI::App& app, int& status);
void add_drill_command(CLI::App& app, int& status);

}  // namespace sudare::sim
