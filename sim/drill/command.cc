// `sudare-sim drill NAME`.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "fleet/cli/console.h"
#include "sim/commands.h"
#include "sim/drill/drill.h"
#include "sim/process/local.h"

namespace sudare::sim {

namespace {

struct Options {
  drill::DrillOptions drill;
  std::string name;
  std::string keep;
  bool json = false;
};

std::string names_text() {
  std::string text;
  for (const drill::DrillName& drill : drill::drill_names()) {
    char line[160];
    std::snprintf(line, sizeof line, "  %-14s %s\n", drill.name, drill.about);
    text += line;
  }
  return text + "  all            every one of them\n";
}

// The names that were asked for; empty: there is no such drill.
std::vector<std::string> names_of(const std::string& name) {
  std::vector<std::string> names;
  for (const drill::DrillName& drill : drill::drill_names()) {
    if (name == "all" || name == drill.name) names.emplace_back(drill.name);
  }
  return names;
}

int run(Options& options) {
  if (options.name.empty()) {
    std::fputs(names_text().c_str(), stdout);
    return 0;
  }
  const auto names = names_of(options.name);
  if (names.empty()) {
    std::fputs(
        ("error: no such drill: " + options.name + "\nhint: one of\n" + names_text()).c_str(),
        stderr);
    return 2;
  }
  // Not relative: the children may run elsewhere.
  options.drill.tools.programs = std::filesystem::absolute(options.drill.tools.programs);
  if (!options.keep.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.keep, error);
    setenv("TMPDIR", std::filesystem::absolute(options.keep).c_str(), 1);
    options.drill.keep = true;
  }
  cli::Progress progress;
  options.drill.progress = [&](const std::string& doing) { progress.show(doing); };
  const auto reports = drill::run_drills(names, options.drill);
  progress.clear();
  if (!reports) {
    std::fputs(reports.error().to_string().c_str(), stderr);
    return 1;
  }
  bool right = true;
  for (const drill::DrillReport& report : *reports) {
    right = right && off(report).empty();
    if (!options.json) std::fputs(table_of(report).c_str(), stdout);
  }
  if (options.json) std::fputs(json_of(*reports).c_str(), stdout);
  return right ? 0 : 3;
}

}  // namespace

void add_drill_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  options->drill.tools.programs = program_directory();
  options->drill.tools.deploy = "deploy";
  CLI::App* command = app.add_subcommand(
      "drill",
      "re-enacts an incident against the real programs; exit 3: the attacker got something");
  command->add_option("NAME", options->name, "which; without it they are listed");
  command->add_option("--seed", options->drill.seed, "cars and drives; keys are always random")
      ->capture_default_str();
  command->add_flag("--quick", options->drill.quick, "smaller: fewer cars, shorter drives");
  command
      ->add_option("--programs", options->drill.tools.programs,
                   "holds sudare, sudare-gateway and sudare-sim")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--deploy", options->drill.tools.deploy, "broker configurations and policies")
      ->type_name("DIR")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  command->add_option("--source", options->drill.source, "the repository that leaks")
      ->type_name("DIR")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--keep", options->keep, "leave everything in there: loot, keys, ground truth")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "the figures as JSON");
  command->footer("\n" + names_text() +
                  "\nExit 0: as it must be. 3: an attacker got something, or a control did not.\n");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace sudare::sim
