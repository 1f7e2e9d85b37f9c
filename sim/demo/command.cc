// `sudare-sim demo`: the demonstration and its table.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/commands.h"
#include "sim/demo/demo.h"
#include "sim/process/local.h"

namespace sudare::sim {

namespace {

using Count = unsigned long long;

std::uint64_t rows(const PurposeAccount& account, const std::string& fate) {
  const auto found = account.fates.find(fate);
  return found == account.fates.end() ? 0 : found->second;
}

void print_account(const DemoResult& result) {
  static const char* const kOther[] = {"rejected", "duplicate", "not_consented", "held_back",
                                       "queued",   "evicted",   "expired",       "quarantined"};
  std::printf("\nThe account: what became of each (message, purpose)\n\n");
  std::printf("  %-18s %8s %9s %10s %7s\n", "purpose", "taken", "dropped", "delivered", "other");
  PurposeAccount total;
  for (const auto& [purpose, account] : result.account) {
    std::uint64_t other = 0;
    for (const char* fate : kOther) other += rows(account, fate);
    std::printf("  %-18s %8llu %9llu %10llu %7llu%s\n",
                purpose.empty() ? "(none)" : purpose.c_str(), Count{account.taken},
                Count{rows(account, "dropped")}, Count{rows(account, "delivered")}, Count{other},
                account.adds_up() ? "" : "   does not add up");
    for (const char* fate : kOther) {
      if (rows(account, fate) > 0)
        std::printf("  %18s %s: %llu\n", "", fate, Count{rows(account, fate)});
    }
  }
  std::printf("\n  (none): messages of topics that give nobody a record%s%s\n",
              result.clips.purpose.empty() ? "" : "; rows are messages, but pieces of clips for ",
              result.clips.purpose.c_str());
  std::printf("  %llu batches acknowledged by the cloud; %llu bytes in, %llu bytes on the uplink\n",
              Count{result.batches}, Count{result.bytes_in}, Count{result.bytes_uplink});
}

void print_opened(const DemoResult& result) {
  std::printf("\nOpened by each recipient, against what the policy says\n\n");
  std::printf("  %-18s %9s %8s %9s %6s %6s %8s %12s %10s\n", "purpose", "expected", "opened",
              "verified", "lost", "twice", "altered", "identifiers", "positions");
  for (const auto& [purpose, counts] : result.comparison.purposes) {
    if (purpose == result.clips.purpose) continue;  // a table of its own
    std::printf("  %-18s %9llu %8llu %9llu %6llu %6llu %8llu %12llu %10llu\n", purpose.c_str(),
                Count{counts.expected}, Count{counts.opened}, Count{counts.verified},
                Count{counts.lost}, Count{counts.duplicated}, Count{counts.altered},
                Count{counts.identifiers}, Count{counts.positions});
  }
  std::printf(
      "\n  verified: signed by the pseudonym's own key; a purpose without pseudonym carries"
      " no signature.\n  identifiers, positions: planted ones beyond what the policy lets"
      " this purpose have.\n");
}

void print_scan_head() {
  std::printf("  %-46s %12s %10s %10s\n", "where", "identifiers", "positions", "bytes");
}

void print_scan(const char* where, const ScanFigures& scan) {
  std::printf("  %-46s %12llu %10llu %10llu\n", where, Count{scan.identifiers},
              Count{scan.positions}, Count{scan.bytes});
}

void print_scans(const DemoResult& result) {
  std::printf("\nWhat a scan finds of %llu planted identifiers and %llu exact positions\n\n",
              Count{result.planted_identifiers}, Count{result.planted_positions});
  print_scan_head();
  print_scan("in-vehicle traffic (control: must find all)", result.vehicle_broker);
  print_scan("all that the cloud broker received", result.cloud_broker);
  print_scan("the unit's state directory and log", result.unit);
  ScanFigures opened;
  for (const auto& [purpose, counts] : result.comparison.purposes) {
    opened.identifiers += counts.identifiers;
    opened.positions += counts.positions;
  }
  std::printf("  %-46s %12llu %10llu\n", "opened output, beyond the policy",
              Count{opened.identifiers}, Count{opened.positions});
}

void print_clips(const ClipFigures& clips) {
  if (clips.purpose.empty()) return;
  std::printf("\nThe drive recorder: clips made %llu, opened by %s %llu\n\n", Count{clips.made},
              clips.purpose.c_str(), Count{clips.opened});
  print_scan_head();
  print_scan("the recorder's files (control: must find some)", clips.recorder);
  print_scan("the clips as they were opened", clips.recipient);
}

void print_table(const DemoResult& result, const std::vector<std::string>& off) {
  std::printf("The car sent %llu messages with %llu positions in %.0f s.\n", Count{result.run.sent},
              Count{result.run.positions}, static_cast<double>(result.run.took_ms) / 1000);
  print_account(result);
  print_opened(result);
  print_scans(result);
  print_clips(result.clips);
  std::printf("\nOne message before and after\n\n  in the car   %s\n  opened       %s\n",
              result.before.c_str(), result.after.c_str());
  if (!result.directory.empty()) {
    std::printf("\nKept, with the ground truth in it (personal data of the simulated car): %s\n",
                result.directory.c_str());
  }
  std::printf("\n%s\n", off.empty() ? "Every figure is as it must be." : "Figures are off:");
  for (const std::string& finding : off) std::printf("  %s\n", finding.c_str());
}

nlohmann::json scan_json(const ScanFigures& scan) {
  return {{"identifiers", scan.identifiers}, {"positions", scan.positions}, {"bytes", scan.bytes}};
}

void print_json(const DemoResult& result, const std::vector<std::string>& off) {
  nlohmann::json json = {
      {"sent", result.run.sent},
      {"acknowledged", result.run.acknowledged},
      {"positions", result.run.positions},
      {"planted",
       {{"identifiers", result.planted_identifiers}, {"positions", result.planted_positions}}},
      {"batches", result.batches},
      {"bytes_in", result.bytes_in},
      {"bytes_uplink", result.bytes_uplink},
      {"scans",
       {{"vehicle_broker", scan_json(result.vehicle_broker)},
        {"cloud_broker", scan_json(result.cloud_broker)},
        {"unit", scan_json(result.unit)}}},
      {"clips",
       {{"made", result.clips.made},
        {"opened", result.clips.opened},
        {"pieces", result.clips.pieces},
        {"recorder", scan_json(result.clips.recorder)},
        {"recipient", scan_json(result.clips.recipient)}}},
      {"before", result.before},
      {"after", result.after},
      {"off", off}};
  for (const auto& [purpose, account] : result.account) {
    json["account"][purpose] = account.fates;
    json["account"][purpose]["taken"] = account.taken;
  }
  for (const auto& [purpose, counts] : result.comparison.purposes) {
    if (purpose == result.clips.purpose) continue;  // "clips" has it
    json["opened"][purpose] = {
        {"expected", counts.expected},       {"opened", counts.opened},
        {"verified", counts.verified},       {"lost", counts.lost},
        {"duplicated", counts.duplicated},   {"altered", counts.altered},
        {"identifiers", counts.identifiers}, {"positions", counts.positions}};
  }
  std::printf("%s\n", json.dump().c_str());
}

}  // namespace

void add_demo_command(CLI::App& app, int& status) {
  struct Options {
    DemoOptions demo;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  options->demo.tools.programs = program_directory();
  options->demo.tools.deploy = "deploy";
  CLI::App* command = app.add_subcommand(
      "demo", "a car, its gateway, a cloud and its recipients on this machine; ends in a table");
  command->add_option("--seconds", options->demo.seconds, "how long, about")
      ->check(CLI::Range(15.0, 86'400.0))
      ->capture_default_str();
  command->add_option("--trips", options->demo.trips, "replay these instead of a simulated car")
      ->type_name("FILE");
  command->add_option("--seed", options->demo.seed)->capture_default_str();
  command
      ->add_option("--programs", options->demo.tools.programs,
                   "holds sudare, sudare-gateway and sudare-clip")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--deploy", options->demo.tools.deploy, "broker configurations and policies")
      ->type_name("DIR")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  command->add_flag("--keep", options->demo.keep, "leave the directory, ground truth included");
  command->add_flag("--json", options->json, "the figures as JSON");
  command->callback([options, &status] {
    options->demo.quiet = isatty(STDERR_FILENO) == 0;
    // Not relative: the children may run elsewhere.
    options->demo.tools.programs = std::filesystem::absolute(options->demo.tools.programs);
    const auto result = run_demo(options->demo);
    if (!result) {
      std::fputs(result.error().to_string().c_str(), stderr);
      status = 1;
      return;
    }
    const auto off = findings(*result);
    if (options->json) {
      print_json(*result, off);
    } else {
      print_table(*result, off);
    }
    status = off.empty() ? 0 : 3;
  });
}

}  // namespace sudare::sim
