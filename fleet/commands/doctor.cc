// `sudare doctor`: checks a unit or a broker before it goes live; each finding with its fix.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/printable.h"
#include "fleet/cli/broker_options.h"
#include "fleet/cli/console.h"
#include "fleet/commands/commands.h"
#include "fleet/doctor/doctor.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string config;
  std::string broker_config;
  cli::BrokerOptions broker;
  bool strict = false;
  bool json = false;
};

void print_json(const doctor::Finding& finding) {
  Json line{{"check", finding.check},
            {"outcome", std::string(doctor::literal_of(finding.outcome).view())},
            {"where", finding.where},
            {"text", finding.text},
            {"hint", finding.hint}};
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

void print_text(const doctor::Finding& finding) {
  constexpr std::size_t kOutcomeWidth = 9;
  constexpr std::size_t kCheckWidth = 18;
  std::string outcome(doctor::literal_of(finding.outcome).view());
  outcome.resize(kOutcomeWidth, ' ');
  std::string check = finding.check;
  check.resize(std::max(check.size() + 1, kCheckWidth), ' ');
  std::cout << outcome << check << (finding.where.empty() ? "" : printable(finding.where) + ": ")
            << printable(finding.text) << "\n";
  if (!finding.hint.empty()) {
    std::cout << std::string(kOutcomeWidth, ' ') << "hint: " << printable(finding.hint) << "\n";
  }
}

int run(const Options& options) {
  doctor::Subject subject;
  subject.config_file = options.config;
  subject.broker_config_file = options.broker_config;
  if (!options.broker.url.empty()) {
    auto peer = cli::broker_peer(options.broker);
    if (!peer) {
      cli::report("--mqtt", peer.error(), cli::kBrokerHint);
      return cli::kExitUsage;
    }
    subject.broker = std::move(*peer);
  }
  if (options.config.empty() && options.broker_config.empty() && !subject.broker) {
    cli::report("nothing to check", "--config of a unit, or --broker-config or --mqtt of a broker");
    return cli::kExitUsage;
  }
  if (!options.config.empty() && subject.broker) {
    cli::report("--config and --mqtt: one of them", "a unit's brokers are in its configuration");
    return cli::kExitUsage;
  }
  doctor::Report report;
  examine(subject, report);
  for (const doctor::Finding& finding : report.findings()) {
    if (options.json) print_json(finding);
    else print_text(finding);
  }
  std::cout.flush();
  if (!std::cout.good()) return cli::report("output: can't be written", "is the disk full?");
  const std::size_t problems = report.count(doctor::Outcome::kProblem);
  const std::size_t warnings = report.count(doctor::Outcome::kWarning);
  std::cerr << cli::counted(problems, "problem") << ", " << cli::counted(warnings, "warning")
            << ", " << cli::counted(report.count(doctor::Outcome::kSkipped), "check")
            << " skipped\n";
  return problems > 0 || (options.strict && warnings > 0) ? cli::kExitFindings : cli::kExitOk;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("doctor", "check a unit or a broker before it goes live");
  command->add_option("--config", options->config, "gateway.textproto of the unit that this is")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--broker-config", options->broker_config,
                   "mosquitto.conf; with --config: the in-vehicle broker's, found beside it or in "
                   "/etc/mosquitto where not given")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  cli::add_broker_options(*command, "--mqtt", options->broker);
  command->add_flag("--strict", options->strict, "exit 3 for warnings, too");
  command->add_flag("--json", options->json, "NDJSON: a line per check or finding");
  command->footer(
      "Run it as root, on the unit, before and while the gateway runs: it writes nothing and "
      "opens\n"
      "the store read-only. It connects to the brokers and publishes two empty messages, to see\n"
      "whether they are refused. Exit 3: there is a problem. docs/doctor.md explains each "
      "check.\n");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
