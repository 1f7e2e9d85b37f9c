// `sudare relink`: the relink authority's answer to "what was this car called?", and, for a
// recipient's question, to "whose pseudonym is this?". Every use is logged first.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/days.h"
#include "fleet/commands/records.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

struct RelinkOptions {
  RecordsOptions records;
  CarOptions car;
  std::string pseudonym;  // hex
  std::string verify_log;
  std::string head;
  bool json = false;
};

std::string hex_of(const Pseudonym& pseudonym) { return cli::hex(text_of(pseudonym)); }

std::string rotation_text(std::uint16_t days) {
  return days == kUntilTransfer ? "until transfer" : std::to_string(days) + " days";
}

Json json_of(const CarPseudonym& one) {
  return {{"purpose", one.purpose},
          {"rotate_days", one.rotation_days},
          {"epoch", one.epoch},
          {"first_day", day_text(one.days.first)},
          {"last_day", day_text(one.days.last)},
          {"pseudonym", hex_of(one.pseudonym)}};
}

void print(const CarPseudonym& one, std::size_t provisioning, bool json) {
  if (json) {
    Json line = json_of(one);
    line["provisioning"] = provisioning;
    std::cout << line.dump() << "\n";
    return;
  }
  std::cout << hex_of(one.pseudonym) << "  " << day_text(one.days.first) << " to "
            << day_text(one.days.last) << "  " << one.purpose << ", "
            << rotation_text(one.rotation_days) << ", epoch " << one.epoch << "\n";
}

// The part of the records' span in which a provisioning held.
DaySpan held_span(const Held& held, const DaySpan& span) {
  return {std::max(held.days.first, span.first), std::min(held.days.last, span.last)};
}

int by_name(const RelinkOptions& options, Records& records) {
  const auto names = names_asked(options.car);
  if (!names) return cli::kExitUsage;
  const auto cars = find_cars(records, *names, options.car);
  Use use;
  use.call = "relink";
  for (const std::string& name : *names) use.asked.push_back(records.token(name));
  use.cars = cars ? cars->size() : 0;
  if (!records.note(use) || !cars) return cli::kExitFailure;
  if (cars->empty()) {
    return cli::report("no such car in these records, or not within these days",
                       "are they all there, and is it the number that was provisioned?");
  }
  for (const Held& held : *cars) {
    const Status done =
        for_each_pseudonym(held.car, records.wanted(), held_span(held, records.span()),
                           [&](const CarPseudonym& one) -> Status {
                             print(one, held.number, options.json);
                             return Done{};
                           });
    if (!done) return cli::report("relink", done.error(), "--from and --to");
  }
  return records.whole() ? cli::kExitOk : cli::kExitFindings;
}

// --- from a pseudonym to the car

struct Answer {
  CarIdentity identity;
  CarPseudonym pseudonym;
};

void print(const Answer& answer, bool json) {
  const CarIdentity& identity = answer.identity;
  if (json) {
    Json line = json_of(answer.pseudonym);
    line["vin"] = identity.vin;
    line["frame_number"] = identity.frame_number;
    line["terminal_number"] = identity.terminal_number;
    std::cout << line.dump() << "\n";
    return;
  }
  const auto field = [](const char* name, const std::string& value) {
    if (!value.empty()) std::cout << name << value << "\n";
  };
  field("VIN: ", identity.vin);
  field("frame number: ", identity.frame_number);
  field("terminal number: ", identity.terminal_number);
  std::cout << "as: ";
  print(answer.pseudonym, 0, false);
}

int by_pseudonym(const RelinkOptions& options, Records& records) {
  std::vector<Answer> answers;
  const bool read = records.for_each([&](ProvisionedCar& car) {
    return for_each_pseudonym(car, records.wanted(), records.span(),
                              [&](const CarPseudonym& one) -> Status {
                                if (hex_of(one.pseudonym) == options.pseudonym) {
                                  answers.push_back({car.identity, one});
                                }
                                return Done{};
                              });
  });
  Use use;
  use.call = "relink --pseudonym";
  use.asked = {records.token("pseudonym:" + options.pseudonym)};
  use.cars = answers.size();
  if (!records.note(use) || !read) return cli::kExitFailure;
  if (answers.empty()) {
    return cli::report("no car of these records had this pseudonym within these days",
                       "is it the purpose's, and are all records there?");
  }
  for (const Answer& answer : answers) print(answer, options.json);
  return records.whole() ? cli::kExitOk : cli::kExitFindings;
}

// --- the log

int verify(const RelinkOptions& options) {
  std::optional<LogHead> kept;
  if (!options.head.empty()) {
    const Result<LogHead> head = parse_log_head(options.head);
    if (!head) {
      cli::report("--head " + options.head, head.error(), "as a use printed it: NUMBER:HASH");
      return cli::kExitUsage;
    }
    kept = *head;
  }
  std::vector<age::open_side::Identity> identities;
  for (const std::string& file : options.records.key_files) {
    Result<cli::KeyFile> keys = cli::read_keys(file);
    if (!keys) return cli::report(file, keys.error(), "the relink authority's key file");
    for (auto& identity : keys->identities) identities.push_back(std::move(identity));
  }
  const Result<LogHead> head = verify_use_log(options.verify_log, identities, kept);
  if (!head) {
    cli::report(options.verify_log, head.error(),
                head.error().code == ErrorCode::kAuthentication
                    ? "somebody changed it, or a part of it is lost"
                    : "the file that --log names");
    return head.error().code == ErrorCode::kAuthentication ? cli::kExitFindings : cli::kExitFailure;
  }
  if (options.json) {
    std::cout << Json{{"entries", head->entries},
                      {"head", to_string(*head)},
                      {"macs_checked", !identities.empty()}}
                     .dump()
              << "\n";
  } else {
    std::cout << options.verify_log << ": ok, " << head->entries << " uses, head "
              << to_string(*head) << "\n";
  }
  return cli::kExitOk;
}

bool is_pseudonym(const std::string& text) {
  return text.size() == 2 * kPseudonymBytes &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

int run(const RelinkOptions& options) {
  if (!options.verify_log.empty()) return verify(options);
  const std::size_t asked =
      options.car.vins.size() + options.car.frames.size() + (options.pseudonym.empty() ? 0 : 1);
  if (asked != 1) {
    cli::report("which car?", "one of --vin, --frame and --pseudonym, or --verify-log");
    return cli::kExitUsage;
  }
  if (!options.pseudonym.empty() && !is_pseudonym(options.pseudonym)) {
    cli::report("--pseudonym: not one", "32 digits of 0-9 and a-f, as `sudare open` prints it");
    return cli::kExitUsage;
  }
  if (!complete(options.records)) return cli::kExitUsage;
  std::optional<Records> records = Records::open(options.records);
  if (!records) return cli::kExitFailure;
  return options.pseudonym.empty() ? by_name(options, *records) : by_pseudonym(options, *records);
}

}  // namespace

void add_relink(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RelinkOptions>();
  CLI::App* relink = app.add_subcommand(
      "relink", "from a car to its pseudonyms, or back; for the relink authority, logged");
  add_records_options(*relink, options->records);
  add_car_options(*relink, options->car);
  relink->add_option("--pseudonym", options->pseudonym,
                     "the other way: which car was called this (32 hex digits)");
  relink
      ->add_option("--verify-log", options->verify_log,
                   "check that a log was not changed; with -i also that its writers had the keys")
      ->type_name("FILE");
  relink->add_option("--head", options->head,
                     "with --verify-log: a head that was noted elsewhere must be in the log");
  relink->add_flag("--json", options->json, "print JSON lines");
  relink->footer(
      "Pseudonyms follow the calendar; a car whose clock was not confirmed, or that was driven "
      "past\n"
      "midnight, stayed in an earlier epoch for a while: ask for some days more.\n"
      "Exit 3: a record could not be used, so that the answer may lack something; a log was "
      "changed.\n");
  relink->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
