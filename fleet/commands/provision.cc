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
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/provision_modes.h"
#include "fleet/provision/car_list.h"
#include "fleet/provision/provision.h"
#include "fleet/provision/state_files.h"
#include "fleet/provision/transfer.h"
#include "gateway/store/state_directory.h"

namespace sudare::commands {
namespace {

// An identity file holds three short texts.
constexpr std::size_t kIdentityBytesMax = 64 * 1024;

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
  if (const Status checked = check_identity(identity); !checked) {
    cli::report(file, checked.error(),
                "the relink authority finds a car by vin or frame_number, and the unit knows its "
                "car by them: as the car's certificate says them; what is not known is left out");
    return false;
  }
  return true;
}

std::vector<std::string> share_files(const ProvisionCall& options) {
  if (options.authorities.size() == 1) return {options.output};
  return {options.output + ".1", options.output + ".2"};
}

void print(const ProvisionCall& options, const std::vector<std::string>& files,
           std::optional<Transfer> transfer) {
  if (options.json) {
    nlohmann::ordered_json line{{"state", options.state}, {"sealed", files}};
    if (transfer) {
      line["transfers"] = transfer->transfers;
      line["overwritten"] = transfer->overwritten;
    }
    std::cout << line.dump() << "\n";
    return;
  }
  std::cout << (transfer ? "transferred: " : "provisioned: ") << options.state << "\n";
  for (const std::string& file : files) std::cout << "for the relink authority: " << file << "\n";
  if (transfer) {
    std::cout << "restart the in-vehicle broker before the gateway: what it still holds for it is "
                 "the former owner's\n";
  }
}

constexpr const char* kErasingHint = "finish it: sudare provision --erase --state DIR";

int run_first(const ProvisionCall& options, const ProvisionOptions& provisioning,
              const std::vector<std::string>& files, const DeliverShares& deliver) {
  const Status done = provision(provisioning, SystemClock(), deliver);
  if (!done) {
    return cli::report(options.state, done.error(),
                       StateDirectory::is_being_erased(options.state) ? kErasingHint
                       : done.error().code == ErrorCode::kRefused
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

int run_transfer(const ProvisionCall& options, const ProvisionOptions& provisioning,
                 const std::vector<std::string>& files, const DeliverShares& deliver) {
  const auto others = names_of_others(options.state);
  for (const std::string& name : others ? *others : std::vector<std::string>{}) {
    cli::report(options.state + "/" + name + ": not written by Sudare",
                "move it away: nobody knows whether it holds anything of the former owner");
  }
  if (others && !others->empty()) return cli::kExitFailure;
  const Result<Transfer> done = transfer(provisioning, SystemClock(), deliver, {});
  if (!done) {
    return cli::report(options.state, done.error(),
                       StateDirectory::is_being_erased(options.state)
                           ? kErasingHint
                           : transfer_hint(done.error().code));
  }
  print(options, files, *done);
  if (!done->overwritten) {
    std::cerr
        << "warning: the former owner's store could not be overwritten\n"
        << "hint: the gateway's next start tries again, where the file system can exchange two "
           "names; see docs/identity.md\n";
  }
  return cli::kExitOk;
}

int run_one(const ProvisionCall& options) {
  ProvisionOptions provisioning;
  provisioning.state_directory = options.state;
  if (!read_identity(options.identity_file, provisioning.identity)) return cli::kExitFailure;
  if (!parse_authorities(options, provisioning.authorities)) return cli::kExitFailure;
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

// Which options a mode takes; says what is wrong.
bool fits(const ProvisionCall& call) {
  const bool one = call.cars.empty() && !call.erase;
  const bool keys = !call.authorities.empty() && !call.output.empty();
  const bool right =
      one ? keys && !call.state.empty() && !call.identity_file.empty()
      : call.erase
          ? !call.state.empty() && call.cars.empty() && !call.transfer &&
                call.identity_file.empty() && call.authorities.empty() && call.output.empty()
          : keys && call.state.empty() && call.identity_file.empty() && !call.transfer;
  if (right) return true;
  cli::report("these options do not go together, or one is missing",
              "one unit: --state DIR --identity FILE --relink-recipient age1... -o RECORD "
              "[--transfer]; a factory line: --cars FILE --relink-recipient age1... -o DIR; the "
              "end of a unit: --erase --state DIR");
  return false;
}

int run(const ProvisionCall& call) {
  if (!fits(call)) return cli::kExitUsage;
  if (call.erase) return provision_erase(call);
  return call.cars.empty() ? run_one(call) : provision_cars(call);
}

}  // namespace

bool parse_authorities(const ProvisionCall& call, std::vector<age::Recipient>& authorities) {
  for (const std::string& text : call.authorities) {
    const auto authority = age::Recipient::parse(text);
    if (!authority) {
      cli::report("--relink-recipient " + text, authority.error(),
                  "the public key of the relink authority, \"age1...\"");
      return false;
    }
    authorities.push_back(*authority);
  }
  return true;
}

void add_provision(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ProvisionCall>();
  CLI::App* command = app.add_subcommand("provision",
                                         "give units their pseudonym chains, and seal their roots "
                                         "to the relink authority; a change of "
                                         "owner; the end of a unit");
  command->add_option("--state", options->state, "the gateway's state_directory")->type_name("DIR");
  command
      ->add_option("--cars", options->cars,
                   "a factory line: CSV with unit,vin,frame_number,terminal_number; - is stdin")
      ->type_name("FILE");
  command
      ->add_option(
          "--identity", options->identity_file,
          "JSON with vin, frame_number, terminal_number; - is stdin, so that none shows in "
          "the process list")
      ->type_name("FILE");
  command
      ->add_option(
          "--relink-recipient", options->authorities,
          "public key of the relink authority; twice: two organisations, each with a share")
      ->expected(1, 2);
  command
      ->add_option("-o,--output", options->output,
                   "where the sealed record goes (FILE.1 and FILE.2 for two shares); with --cars, "
                   "the folder of the units")
      ->check(cli::refuse_standard_output);
  command->add_flag("--transfer", options->transfer,
                    "a new owner: new chains; consents, queue and counters of the former one go");
  command->add_flag("--erase", options->erase,
                    "the end of a unit: everything of Sudare in its state directory goes");
  command->add_flag("--json", options->json, "print JSON");
  command->footer(
      "One unit takes --state, --identity, --relink-recipient and -o, and for a new owner\n"
      "--transfer; a factory line takes --cars, --relink-recipient and -o; the end of a unit "
      "takes\n"
      "--erase and --state.\n"
      "Example: sudare provision --state /var/lib/sudare --identity - --relink-recipient age1... "
      "-o sealed < car.json\n"
      "Exit 0: done; 1: not done, or not for every car; 2: usage.\n");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
