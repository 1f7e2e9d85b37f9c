// sudare-faults: the campaign of faults, `./dev faults`.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>

#include "tests/faults/campaign/all_faults.h"
#include "tests/faults/campaign/report.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::faults {
namespace {

// After so many parts of a fault's runs the report is written.
constexpr std::uint64_t kParts = 10;

volatile sig_atomic_t interrupted = 0;
void interrupt(int /*signal*/) { interrupted = 1; }

struct Options {
  bool long_runs = false;
  bool resume = false;
  bool json = false;
  bool list = false;
  std::vector<std::string> only;
  std::uint64_t seed = 0;
  std::uint64_t runs = 0;
  std::string report = "build/faults/report.json";
  std::string commit = "unknown";
};

bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

void show(const Fault& fault, std::uint64_t done, std::uint64_t of) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r%-22s %llu of %llu runs ", fault.name.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(of));
}

FaultResult run_part(const Fault& fault, std::uint64_t runs, std::uint64_t seed, std::uint64_t done,
                     std::uint64_t of, bool full_size) {
  const testkit::TemporaryDirectory directory;
  try {
    return fault.run({runs, seed, directory.path(),
                      [&](std::uint64_t more) { show(fault, done + more, of); }, full_size});
  } catch (const std::exception& error) {
    FaultResult failed;
    failed.found("seed " + std::to_string(seed) + ": " + error.what());
    return failed;
  }
}

// Until it has so many runs, something is wrong with it, or the campaign is interrupted.
void run_fault(const Fault& fault, const Options& options, CampaignReport& report) {
  const std::uint64_t preset = options.long_runs ? fault.long_runs : fault.short_runs;
  const std::uint64_t wanted_runs = options.runs > 0 ? options.runs : preset;
  FaultReport& entry = report.of(fault.name, options.seed);
  const std::uint64_t part = std::max<std::uint64_t>(wanted_runs / kParts, 1);
  while (entry.result.runs < wanted_runs && entry.result.findings.empty() && interrupted == 0) {
    const std::uint64_t done = entry.result.runs;
    show(fault, done, wanted_runs);
    // What a part draws at random follows from what was done before: no two are the same.
    entry.result.add(run_part(fault, std::min(part, wanted_runs - done), entry.seed + done, done,
                              wanted_runs, options.long_runs));
    write_report(options.report, report);
  }
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r%60s\r", "");
}

int list_faults() {
  for (const Fault& fault : all_faults()) {
    std::printf("%-22s %6llu %8llu  %s\n", fault.name.c_str(),
                static_cast<unsigned long long>(fault.short_runs),
                static_cast<unsigned long long>(fault.long_runs), fault.what.c_str());
  }
  return 0;
}

int unknown_name(const Options& options) {
  const std::vector<Fault> faults = all_faults();
  for (const std::string& name : options.only) {
    const bool known = std::any_of(faults.begin(), faults.end(),
                                   [&](const Fault& one) { return one.name == name; });
    if (known) continue;
    std::fprintf(stderr, "error: no such fault: %s\nhint: --list names them\n", name.c_str());
    return 2;
  }
  return 0;
}

int run_campaign(Options options) {
  if (const int unknown = unknown_name(options)) return unknown;
  if (options.seed == 0) options.seed = std::random_device{}();
  CampaignReport report;
  report.commit = options.commit;
  if (options.resume) report = read_report(options.report, options.commit);
  for (const Fault& fault : all_faults()) {
    if (interrupted == 0 && wanted(options, fault.name)) run_fault(fault, options, report);
  }
  std::fputs(options.json ? to_json(report).c_str() : table(report).c_str(), stdout);
  if (!options.json) std::printf("\n%s\n", options.report.c_str());
  if (interrupted != 0) {
    std::fprintf(stderr, "hint: --resume goes on from here\n");
    return 1;
  }
  const bool clean =
      std::all_of(report.faults.begin(), report.faults.end(),
                  [](const FaultReport& one) { return verdict(one.result).empty(); });
  return clean ? 0 : 3;
}

}  // namespace
}  // namespace sudare::faults

int main(int argc, char** argv) {
  using namespace sudare::faults;
  Options options;
  CLI::App app("Does harm to the real gateway, and counts what that costs.");
  app.add_flag("--long", options.long_runs, "the full campaign: hours");
  app.add_flag("--resume", options.resume, "add to the report of the same commit");
  app.add_option("--only", options.only, "these faults")->type_name("NAME");
  app.add_option("--seed", options.seed, "of everything random; default: another one each time");
  app.add_option("--runs", options.runs, "of each fault, in place of its own number");
  app.add_option("--report", options.report, "where it is written")->capture_default_str();
  app.add_option("--commit", options.commit, "what is tested");
  app.add_flag("--json", options.json, "the report in place of the table");
  app.add_flag("--list", options.list, "the faults: runs in short, in the long campaign, what");
  CLI11_PARSE(app, argc, argv);
  struct sigaction action {};
  action.sa_handler = interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  try {
    return options.list ? list_faults() : run_campaign(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
