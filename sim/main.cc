// sudare-sim: cars, trips, traffic and what came of them, for testers.
#include "fleet/cli/usage.h"
#include "sim/commands.h"
#include "sim/stop.h"

int main(int count, char** arguments) {
  sudare::sim::catch_stop_signals();
  CLI::App app("Simulates a connected car and checks what its gateway lets out.", "sudare-sim");
  app.require_subcommand(1);
  app.set_version_flag("--version", "sudare-sim " SUDARE_VERSION);
  int status = 0;
  sudare::sim::add_vehicle_command(app, status);
  sudare::sim::add_replay_command(app, status);
  sudare::sim::add_compare_command(app, status);
  sudare::sim::add_demo_command(app, status);
  sudare::sim::add_attack_command(app, status);
  sudare::sim::add_bench_command(app, status);
  sudare::sim::add_fleet_command(app, status);
  sudare::sim::add_drill_command(app, status);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return sudare::cli::report_usage(app, error, count, arguments);
  }
  return status;
}
