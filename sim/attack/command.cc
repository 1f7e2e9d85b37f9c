// `sudare-sim attack`: how far attackers get with what a policy releases.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "fleet/cli/output_option.h"
#include "sim/attack/report/json.h"
#include "sim/attack/report/outcome.h"
#include "sim/attack/report/page.h"
#include "sim/attack/report/table.h"
#include "sim/attack/run_attack.h"
#include "sim/commands.h"

namespace sudare::sim {

namespace {

namespace fs = std::filesystem;

constexpr const char* kStandardOutput = "-";

struct Options {
  attack::AttackOptions attack;
  std::string networks = "grid,town,rural";
  std::string directory = "build/attack";
  std::string json;
  std::string html;
  bool no_real = false;
  bool small = false;
  bool short_run = false;
};

// What a reduced run makes of the options that were not given.
struct Reduced {
  std::size_t cars;
  std::size_t days;
  const char* networks;
  std::uint64_t messages;
};
constexpr Reduced kSmall = {150, 14, "grid", 200'000};
constexpr Reduced kShort = {80, 14, "grid", 40'000};

Parsed<Done> read_networks(Options& options) {
  options.attack.networks.clear();
  std::istringstream list(options.networks);
  for (std::string name; std::getline(list, name, ',');) {
    bool known = false;
    for (const attack::WorldKind kind :
         {attack::WorldKind::kGrid, attack::WorldKind::kTown, attack::WorldKind::kRural}) {
      if (name != attack::name_of(kind)) continue;
      options.attack.networks.push_back(kind);
      known = true;
    }
    if (!known) {
      return input_error({}, 0, "--networks: no network \"" + name + "\"",
                         "grid, town and rural, separated by commas");
    }
  }
  return Done{};
}

void apply(const Reduced& reduced, const CLI::App& command, Options& options) {
  if (command.count("--cars") == 0) options.attack.cars = reduced.cars;
  if (command.count("--days") == 0) options.attack.days = reduced.days;
  if (command.count("--networks") == 0) options.networks = reduced.networks;
  if (command.count("--messages") == 0) options.attack.messages = reduced.messages;
  options.attack.reduced = true;
  options.attack.real_traces = false;
}

// Before half an hour of work, not after it.
Parsed<Done> check_writable(const std::string& file) {
  if (file == kStandardOutput) return Done{};
  const fs::path folder = fs::absolute(file).parent_path();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || access(folder.c_str(), W_OK) != 0 || fs::is_directory(file)) {
    return input_error(file, 0, "can't be written",
                       "-o DIR, --json FILE and --html FILE say where the report goes");
  }
  return Done{};
}

Parsed<Done> write(const std::string& file, const std::string& text) {
  if (file == kStandardOutput) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return std::fflush(stdout) == 0 ? Parsed<Done>(Done{})
                                    : input_error({}, 0, "standard output can't be written");
  }
  const std::string unfinished = file + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(unfinished, file, error);
  if (!out || error) return input_error(file, 0, "can't be written", "is the disk full?");
  return Done{};
}

// So that a page says how to make it again.
std::string command_of(const Options& options) {
  const attack::AttackOptions& attack = options.attack;
  std::string text = "sudare-sim attack";
  if (!attack.policy.empty()) text += " --policy " + attack.policy;
  if (!attack.purpose.empty()) text += " --purpose " + attack.purpose;
  text += " --cars " + std::to_string(attack.cars) + " --days " + std::to_string(attack.days) +
          " --networks " + options.networks + " --messages " + std::to_string(attack.messages) +
          " --seed " + std::to_string(attack.seed);
  for (const std::string& file : attack.fcd) text += " --fcd " + file;
  if (!attack.real_traces) text += " --no-real";
  return text;
}

Parsed<int> run(Options& options) {
  if (options.no_real) options.attack.real_traces = false;
  if (options.json.empty()) options.json = fs::path(options.directory) / "report.json";
  if (options.html.empty()) options.html = fs::path(options.directory) / "report.html";
  for (const std::string& file : {options.json, options.html}) {
    if (auto done = check_writable(file); !done) return tl::unexpected<InputError>(done.error());
  }
  auto report = attack::run_attack(options.attack);
  if (!report) return tl::unexpected<InputError>(report.error());
  report->command = command_of(options);
  if (auto done = write(options.html, attack::to_html(*report)); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  if (auto done = write(options.json, attack::to_json(*report)); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  if (options.json != kStandardOutput) {
    std::printf("%s\n%s\n%s\n", attack::to_table(*report).c_str(), options.html.c_str(),
                options.json.c_str());
  }
  switch (attack::outcome(*report)) {
    case attack::Outcome::kMet: return 0;
    case attack::Outcome::kMissed: return 3;
    case attack::Outcome::kWeakAttackers: break;
  }
  std::fputs("error: a negative control is not broken: a weak attacker proves nothing\n", stderr);
  return 1;
}

void add_inputs(CLI::App& command, Options& options) {
  attack::AttackOptions& attack = options.attack;
  command.add_option("--policy", attack.policy, "measure this policy; default: the shipped one")
      ->type_name("FILE");
  command.add_option("--descriptor-set", attack.descriptor_sets, "a fleet's own messages")
      ->type_name("FILE");
  command.add_option("--purpose", attack.purpose, "this purpose only; default: all with positions")
      ->type_name("NAME");
  command.add_option("--cars", attack.cars, "simulated cars per network")
      ->check(CLI::Range(attack::kCarsLeast, std::size_t(2000)))
      ->capture_default_str();
  command.add_option("--days", attack.days, "of their lives")
      ->check(CLI::Range(2, 364))
      ->capture_default_str();
  command.add_option("--networks", options.networks, "grid, town, rural")->capture_default_str();
  command.add_option("--messages", attack.messages, "of whole cars, looked through for leaks")
      ->check(CLI::Range(1000, 1'000'000'000))
      ->capture_default_str();
  command.add_option("--seed", attack.seed, "same seed, same figures")->capture_default_str();
  command.add_option("--threads", attack.threads, "default: as many as there are cores")
      ->check(CLI::Range(1, 256));
  command.add_option("--fcd", attack.fcd, "also cars of a SUMO run (--fcd-output)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command.add_flag("--no-real", options.no_real, "leave out recordings of real drivers");
}

}  // namespace

void add_attack_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "attack", "how far attackers get with what a policy releases; a report as HTML and JSON");
  add_inputs(*command, *options);
  auto* small = command->add_flag("--small", options->small, "a first impression: two minutes");
  command->add_flag("--short", options->short_run, "a test: a minute")->excludes(small);
  command->add_option("-o,--output", options->directory, "holds report.html and report.json")
      ->type_name("DIR")
      ->capture_default_str()
      ->check(cli::refuse_standard_output);
  command->add_option("--json", options->json, "the JSON elsewhere; - for standard output")
      ->type_name("FILE");
  command->add_option("--html", options->html, "the page elsewhere")->type_name("FILE");
  command->footer(
      "Exit 0: every goal met, every negative control broken; 3: a goal missed; 1: a control is "
      "not "
      "broken, or a failure.\n");
  command->callback([command, options, &status] {
    if (options->small) apply(kSmall, *command, *options);
    if (options->short_run) apply(kShort, *command, *options);
    if (auto networks = read_networks(*options); !networks) {
      std::fputs(networks.error().to_string().c_str(), stderr);
      status = 2;
      return;
    }
    const auto result = run(*options);
    if (!result) std::fputs(result.error().to_string().c_str(), stderr);
    status = result ? *result : 1;
  });
}

}  // namespace sudare::sim
