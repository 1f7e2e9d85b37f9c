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
#include "tests/faults/campaign/workers.h"
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
  unsigned jobs = 1;
  std::string report = "build/faults/report.json";
  std::string commit = "unknown";
};

bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

std::uint64_t runs_of(const Fault& fault, const Options& options) {
  if (options.runs > 0) return options.runs;
  return options.long_runs ? fault.long_runs : fault.short_runs;
}

FaultResult run_part(const Fault& fault, const FaultOptions& part) {
  const testkit::TemporaryDirectory directory;
  FaultOptions options = part;
  options.directory = directory.path();
  try {
    return fault.run(options);
  } catch (const std::exception& error) {
    FaultResult failed;
    failed.found("seed " + std::to_string(options.seed) + ": " + error.what());
    return failed;
  }
}

// Until it has so many runs, something is wrong with it, or the campaign is interrupted. Writes a
// report of its own after each part.
void run_fault(const Fault& fault, const Options& options, FaultReport entry,
               const std::filesystem::path& file, std::atomic<std::uint64_t>& done) {
  const std::uint64_t wanted_runs = runs_of(fault, options);
  const std::uint64_t part = std::max<std::uint64_t>(wanted_runs / kParts, 1);
  while (entry.result.runs < wanted_runs && entry.result.findings.empty() && interrupted == 0) {
    const std::uint64_t before = done = entry.result.runs;
    FaultOptions one;
    one.runs = std::min(part, wanted_runs - before);
    // What a part draws at random follows from what was done before: no two are the same.
    one.seed = entry.seed + before;
    one.progress = [&done, before](std::uint64_t more) { done = before + more; };
    one.full_size = options.long_runs;
    const FaultResult more = run_part(fault, one);
    // Who interrupts a campaign interrupts its gateways, too: such a part says nothing.
    if (interrupted != 0) break;
    entry.result.add(more);
    write_report(file, {options.commit, {entry}});
  }
  done = entry.result.runs;
}

// The faults that this campaign runs, each in a process of its own.
class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options), workers_(jobs()) {}

  CampaignReport run() {
    workers_.run(options_.jobs, [this] {
      show();
      return interrupted == 0;
    });
    if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K");
    return report_;
  }

 private:
  std::vector<Job> jobs() {
    report_.commit = options_.commit;
    if (options_.resume) report_ = read_report(options_.report, options_.commit);
    for (const Fault& fault : all_faults()) {
      if (wanted(options_, fault.name)) faults_.push_back(fault);
    }
    std::vector<Job> jobs;
    for (const Fault& fault : faults_) jobs.push_back(job_of(fault));
    return jobs;
  }

  Job job_of(const Fault& fault) {
    const std::filesystem::path file = options_.report + "." + fault.name;
    FaultReport& entry = report_.of(fault.name, options_.seed);
    // Of a campaign that was cut off.
    const CampaignReport cut_off = read_report(file, options_.commit);
    if (options_.resume && !cut_off.faults.empty()) entry = cut_off.faults.front();
    std::filesystem::create_directories(file.parent_path());
    Job job;
    job.log = options_.report + "." + fault.name + ".log";
    job.work = [this, fault, entry, file](std::atomic<std::uint64_t>& done) {
      run_fault(fault, options_, entry, file, done);
    };
    job.ended = [this, name = fault.name, file](bool well) {
      const CampaignReport own = read_report(file, options_.commit);
      FaultReport& of = report_.of(name, options_.seed);
      if (!own.faults.empty()) of = own.faults.front();
      if (!well) of.result.found("its process ended in the middle: " + file.string() + ".log");
      write_report(options_.report, report_);
      std::filesystem::remove(file);
    };
    return job;
  }

  void show() const {
    if (isatty(STDERR_FILENO) == 0) return;
    std::string line;
    for (std::size_t i = 0; i < faults_.size(); ++i) {
      if (!workers_.runs(i)) continue;
      line += (line.empty() ? "" : " · ") + faults_[i].name + " " +
              std::to_string(workers_.done(i)) + "/" +
              std::to_string(runs_of(faults_[i], options_));
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
  }

  const Options& options_;
  CampaignReport report_;
  std::vector<Fault> faults_;
  Workers workers_;  // last: made of the others
};

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
  const CampaignReport report = Campaign(options).run();
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
  app.add_option("--jobs", options.jobs, "faults at a time, each in a process of its own")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
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
