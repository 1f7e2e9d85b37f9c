// `sudare provision`: gives a unit its pseudonym chains.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fleet/cli/console.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/provision/provision.h"
#include "fleet/provision/transfer.h"

namespace sudare::commands {
namespace {

// An identity file holds three short texts.
constexpr std::size_t kIdentityBytesMax = 64 * 1024;

struct Options {
  std::string state;
  std::string identity_file;
  std::vector<std::string> authorities;
  std::string output;
  bool transfer = false;
  bool json = false;
};

// {"vin": "...", "frame_number": "...", "terminal_number": "..."}; says on stderr what is wrong,
// never the values.
bool read_identity(const std::string& file, CarIdentity& identity) {
  const Result<std::string> text = cli::read_file(file, kIdentityBytesMax);
  if (!text) {
    cli::report(file, text.error(), "a JSON object with vin, frame_number, terminal_number");
    return false;
  }
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) {
    cli::report(file + ": not a JSON object", R"({"vin": "...", "frame_number": "..."})");
    return false;
  }
  for (const auto& [key, value] : json.items()) {
    std::string* field = key == "vin"               ? &identity.vin
                         : key == "frame_number"    ? &identity.frame_number
                         : key == "terminal_number" ? &identity.terminal_number
                                                    : nullptr;
    if (field == nullptr || !value.is_string()) {
      cli::report(file + ": a key is unknown, or its value is no text",
                  "vin, frame_number and terminal_number are known");
      return false;
    }
    *field = value.get<std::string>();
  }
  if (identity.vin.empty() && identity.frame_number.empty()) {
    cli::report(file + ": neither vin nor frame_number",
                "the relink authority finds a car by them");
    return false;
  }
  return true;
}

std::vector<std::string> share_files(const Options& options) {
  if (options.authorities.size() == 1) return {options.output};
  return {options.output + ".1", options.output + ".2"};
}

void print(const Options& options, const std::vector<std::string>& files,
           std::optional<std::uint32_t> transfers) {
  if (options.json) {
    nlohmann::ordered_json line{{"state", options.state}, {"sealed", files}};
    if (transfers) line["transfers"] = *transfers;
    std::cout << line.dump() << "\n";
    return;
  }
  std::cout << (transfers ? "transferred: " : "provisioned: ") << options.state << "\n";
  for (const std::string& file : files) std::cout << "for the relink authority: " << file << "\n";
}

int run_first(const Options& options, const ProvisionOptions& provisioning,
              const std::vector<std::string>& files, const DeliverShares& deliver) {
  const Status done = provision(provisioning, SystemClock(), deliver);
  if (!done) {
    return cli::report(options.state, done.error(),
                       done.error().code == ErrorCode::kRefused
                           ? "a unit is provisioned once; a new owner: --transfer; is the gateway "
                             "running?"
                           : "is the directory writable?");
  }
  print(options, files, std::nullopt);
  return cli::kExitOk;
}

const char* transfer_hint(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return "a unit that was never provisioned: without --transfer";
    case ErrorCode::kRefused: return "stop the gateway first";
    case ErrorCode::kUnavailable: return "stop what reads outbox.db";
    default: return "the unit is as it was; a record that was written is of no use, delete it";
  }
}

int run_transfer(const Options& options, const ProvisionOptions& provisioning,
                 const std::vector<std::string>& files, const DeliverShares& deliver) {
  const std::vector<std::string> others = files_of_others(options.state);
  for (const std::string& name : others) {
    cli::report(options.state + "/" + name + ": not written by Sudare",
                "move it away: nobody knows whether it holds anything of the former owner");
  }
  if (!others.empty()) return cli::kExitFailure;
  const Result<Transfer> done = transfer(provisioning, SystemClock(), deliver, {});
  if (!done) {
    return cli::report(options.state, done.error(), transfer_hint(done.error().code));
  }
  print(options, files, done->transfers);
  if (!done->overwritten) {
    std::cerr << "warning: the blocks of the former owner's store were freed, not overwritten\n";
  }
  return cli::kExitOk;
}

int run(const Options& options) {
  ProvisionOptions provisioning;
  provisioning.state_directory = options.state;
  if (!read_identity(options.identity_file, provisioning.identity)) return cli::kExitFailure;
  for (const std::string& text : options.authorities) {
    const auto authority = age::Recipient::parse(text);
    if (!authority) {
      return cli::report("--relink-recipient " + text, authority.error(),
                         "the public key of the relink authority, \"age1...\"");
    }
    provisioning.authorities.push_back(*authority);
  }
  const std::vector<std::string> files = share_files(options);
  for (const std::string& file : files) {
    if (std::filesystem::exists(file)) {
      return cli::report(file + ": exists", "a sealed provisioning record is never overwritten");
    }
  }
  const DeliverShares deliver = [&](const std::vector<std::string>& shares) -> Status {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      TRY(cli::write_file(files[i], shares[i], 0600));
    }
    return Done{};
  };
  return options.transfer ? run_transfer(options, provisioning, files, deliver)
                          : run_first(options, provisioning, files, deliver);
}

}  // namespace

void add_provision(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "provision", "give a unit its pseudonym chains; seal their root to the relink authority");
  command->add_option("--state", options->state, "the gateway's state_directory")
      ->type_name("DIR")
      ->required();
  command
      ->add_option(
          "--identity", options->identity_file,
          "JSON with vin, frame_number, terminal_number; - is stdin, so that none shows in "
          "the process list")
      ->required();
  command
      ->add_option(
          "--relink-recipient", options->authorities,
          "public key of the relink authority; twice: two organisations, each with a share")
      ->expected(1, 2)
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "where the sealed record goes (FILE.1 and FILE.2 for two shares)")
      ->required();
  command->add_flag("--transfer", options->transfer,
                    "a new owner: new chains; consents, queue and counters of the former one go");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
