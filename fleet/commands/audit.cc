// `sudare audit PATH…`: looks for personal data in files, and says where, never what.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fleet/audit/audit.h"
#include "fleet/audit/inputs.h"
#include "fleet/cli/console.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto kReplace = Json::error_handler_t::replace;  // a path may be no UTF-8

struct AuditOptions {
  std::vector<std::string> paths;
  std::string identifiers_file;
  std::string positions_file;
  std::string report_file;
  bool json = false;
};

// Reads what to look for; says on stderr what is wrong with it.
bool read_inputs(const AuditOptions& options, AuditInputs& inputs) {
  const auto read = [](const std::string& file, const auto& parse, auto& out,
                       std::string_view hint) {
    if (file.empty()) return true;
    const Result<std::string> text = cli::read_file(file, kAuditInputBytesMax);
    if (!text) {
      cli::report(file, text.error(), "check the path and its permissions");
      return false;
    }
    auto parsed = parse(*text);
    if (!parsed) {
      cli::report(file, parsed.error(), hint);
      return false;
    }
    out = std::move(*parsed);
    return true;
  };
  return read(options.identifiers_file, parse_identifiers, inputs.identifiers,
              "one identifier per line; shorter ones are found by chance") &&
         read(options.positions_file, parse_positions, inputs.positions,
              "\"LATITUDE,LONGITUDE\" in decimal degrees, or {\"latitude_e7\":…, "
              "\"longitude_e7\":…}");
}

Json json_of(const AuditReport& report) {
  Json out;
  out["files"] = report.files;
  out["bytes"] = report.bytes;
  out["unreadable"] = report.unreadable;
  out["findings"] = report.findings;
  out["identifiers"] = report.identifiers;
  out["found_identifiers"] = report.found_identifiers;
  out["positions"] = report.positions;
  out["found_positions"] = report.found_positions;
  return out;
}

void summarize(const AuditReport& report) {
  std::cerr << cli::counted(report.files, "file") << ", " << report.bytes
            << " bytes: " << report.total() << " findings";
  std::string_view separator = " (";
  for (const auto& [what, count] : report.findings) {
    std::cerr << separator << count << " " << what;
    separator = ", ";
  }
  std::cerr << (report.findings.empty() ? "\n" : ")\n");
  if (report.identifiers > 0) {
    std::cerr << "identifiers found: " << report.found_identifiers << " of " << report.identifiers
              << "\n";
  }
  if (report.positions > 0) {
    std::cerr << "positions found: " << report.found_positions << " of " << report.positions
              << "\n";
  }
}

int run(const AuditOptions& options) {
  AuditInputs inputs;
  if (!read_inputs(options, inputs)) return cli::kExitFailure;
  const AuditReport report = audit(options.paths, inputs, [&](const AuditFinding& finding) {
    const Json line{{"where", finding.where},
                    {"offset", finding.offset},
                    {"class", finding.what},
                    {"confidence", finding.confidence}};
    std::cout << line.dump(-1, ' ', false, kReplace) << "\n";
  });
  std::cout.flush();
  summarize(report);
  for (const std::string& path : report.unreadable) {
    cli::report(path + ": can't be read", "it was not audited");
  }
  if (!options.report_file.empty()) {
    constexpr unsigned kOwnerOnly = 0600;
    const Status written = cli::write_file(
        options.report_file, json_of(report).dump(2, ' ', false, kReplace) + "\n", kOwnerOnly);
    if (!written) return cli::report(options.report_file, written.error());
  }
  if (!std::cout.good()) return cli::report("output: can't be written", "is the disk full?");
  if (!report.unreadable.empty()) return cli::kExitFailure;
  return report.total() == 0 ? cli::kExitOk : cli::kExitFindings;
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* audit =
      app.add_subcommand("audit", "look for personal data in files; say where, never what");
  audit->add_option("PATH", options->paths, "files, and directories with all below them")
      ->required();
  audit
      ->add_option("--identifiers", options->identifiers_file,
                   "identifiers to look for, one per line")
      ->type_name("FILE");
  audit
      ->add_option("--positions", options->positions_file,
                   "positions to look for: LATITUDE,LONGITUDE per line, or NDJSON with "
                   "latitude_e7 and longitude_e7")
      ->type_name("FILE");
  audit->add_option("--report", options->report_file, "write counts to FILE as JSON")
      ->check(cli::refuse_standard_output)
      ->type_name("FILE");
  audit->add_flag("--json", options->json, "the output is NDJSON in any case");
  audit->footer(
      "Without the options: VINs, frame numbers, e-mail addresses, phone numbers, coordinates,\n"
      "NMEA sentences and private keys, in the clear or in base64, hexadecimal digits or\n"
      "percent-encoding. Writes a line {\"where\",\"offset\",\"class\",\"confidence\"} for each.\n"
      "Doesn't unpack archives. Exit 3: something was found; 1: a file could not be read.\n");
  audit->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
