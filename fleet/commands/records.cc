#include "fleet/commands/records.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <utility>

#include "fleet/authority/car_name.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/policy_files.h"
#include "fleet/commands/days.h"
#include "gateway/detect/detector.h"

namespace sudare::commands {
namespace {

std::optional<std::vector<PurposeRotation>> from_policy(const RecordsOptions& options) {
  cli::PolicyFiles files;
  files.policy = options.policy_file;
  int exit_code = cli::kExitOk;
  const auto loaded = cli::load_or_report(files, exit_code);
  if (loaded == nullptr) return std::nullopt;
  std::vector<PurposeRotation> wanted;
  for (const PurposePlan& purpose : loaded->policy->purposes) {
    const bool asked = options.purposes.empty() ||
                       std::find(options.purposes.begin(), options.purposes.end(), purpose.name) !=
                           options.purposes.end();
    if (asked && purpose.pseudonym != PseudonymKind::kNone) {
      wanted.push_back({purpose.name, purpose.pseudonym == PseudonymKind::kRotate
                                          ? purpose.rotate_days
                                          : kUntilTransfer});
    }
  }
  if (!wanted.empty()) return wanted;
  cli::report("the policy has no such purpose with a pseudonym",
              "records of a purpose with `pseudonym { none {} }` are nobody's");
  return std::nullopt;
}

std::optional<std::vector<PurposeRotation>> wanted_by(const RecordsOptions& options) {
  for (const std::string& purpose : options.purposes) {
    if (cli::is_purpose_name(purpose)) continue;
    cli::report("not a purpose's name: " + purpose, "1 to 32 of a-z, 0-9 and -");
    return std::nullopt;
  }
  if (!options.policy_file.empty()) return from_policy(options);
  std::vector<std::uint16_t> rotations = options.rotations;
  if (rotations.empty()) {
    rotations.assign(kRotationDays.begin(), kRotationDays.end());
    rotations.push_back(kUntilTransfer);
  }
  std::vector<PurposeRotation> wanted;
  for (const std::string& purpose : options.purposes) {
    for (const std::uint16_t days : rotations) wanted.push_back({purpose, days});
  }
  return wanted;
}

std::optional<DaySpan> span_of(const RecordsOptions& options) {
  const auto first = day_option("--from", options.from, 0);
  const auto last = day_option("--to", options.to, today());
  if (!first || !last) return std::nullopt;
  if (*first <= *last) return DaySpan{*first, *last};
  cli::report("--from is after --to", "both days are included");
  return std::nullopt;
}

std::optional<std::vector<age::open_side::Identity>> read_identities(
    const std::vector<std::string>& files) {
  std::vector<age::open_side::Identity> all;
  for (const std::string& file : files) {
    Result<cli::KeyFile> keys = cli::read_keys(file);
    if (!keys) {
      cli::report(file, keys.error(),
                  "the relink authority's key file, as `sudare key new` writes");
      return std::nullopt;
    }
    for (auto& identity : keys->identities) all.push_back(std::move(identity));
  }
  return all;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string value_of(const std::string& option) {
  if (option != "-") return option;
  std::string line;
  std::getline(std::cin, line);
  return trimmed(line);
}

}  // namespace

void add_records_options(CLI::App& command, RecordsOptions& options) {
  command
      .add_option("-i,--identity", options.key_files,
                  "key file of the relink authority; again for the second of two")
      ->type_name("KEYFILE");
  command.add_option("RECORD", options.paths,
                     "sealed provisioning records, or directories of them");
  command
      .add_option("--log", options.log_file,
                  "append-only log of uses; each use adds a line before it answers")
      ->type_name("FILE")
      ->check(cli::refuse_standard_output);
  command
      .add_option("--reason", options.reason,
                  "why, for the log: a case number, never a name or VIN")
      ->type_name("TEXT");
  command.add_option("--purpose", options.purposes, "purpose; may be given again")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      .add_option("--rotate-days", options.rotations,
                  "rotation length of the purpose, 0: until transfer; default: each")
      ->check(CLI::IsMember({0, 1, 7, 28, 91, 364}))
      ->allow_extra_args(false);
  command.add_option("--policy", options.policy_file,
                     "take purposes and rotation lengths from this policy");
  command.add_option("--from", options.from, "first day, YYYY-MM-DD UTC; default: the car's first");
  command.add_option("--to", options.to, "last day, included; default: today");
}

bool complete(const RecordsOptions& options) {
  const auto missing = [](const char* option, const char* hint) {
    cli::report(std::string(option) + " is missing", hint);
    return false;
  };
  if (options.key_files.empty()) return missing("-i KEYFILE", "with two authorities, -i twice");
  if (options.paths.empty()) return missing("RECORD", "what `sudare provision -o` wrote");
  if (options.log_file.empty()) return missing("--log FILE", "every use of a record is logged");
  if (options.reason.empty())
    return missing("--reason TEXT", "say why: a case number, for example");
  if (options.purposes.empty() && options.policy_file.empty()) {
    return missing("--purpose NAME", "or --policy FILE for all purposes of a policy");
  }
  if (options.reason.size() > kReasonBytesMax || detect_in(options.reason) != 0) {
    cli::report("--reason: too long, or it holds what looks like an identifier",
                "the log is kept for years: a case number, never a name or VIN");
    return false;
  }
  return true;
}

Records::Records(const RecordsOptions& options, std::vector<age::open_side::Identity> identities,
                 UseLog log, std::vector<PurposeRotation> wanted, DaySpan span)
    : options_(&options),
      identities_(std::move(identities)),
      key_(std::make_unique<UseLogKey>(identities_)),
      log_(std::move(log)),
      wanted_(std::move(wanted)),
      span_(span) {}

std::optional<Records> Records::open(const RecordsOptions& options) {
  auto wanted = wanted_by(options);
  const auto span = span_of(options);
  if (!wanted || !span) return std::nullopt;
  auto identities = read_identities(options.key_files);
  if (!identities) return std::nullopt;
  Result<UseLog> log = UseLog::open(options.log_file);
  if (!log) {
    cli::report(options.log_file, log.error(),
                log.error().code == ErrorCode::kAuthentication
                    ? "nothing is added to a log that was changed; find out how, start another"
                    : "is the directory there and writable? does another use go on?");
    return std::nullopt;
  }
  return Records(options, std::move(*identities), std::move(*log), std::move(*wanted), *span);
}

bool Records::for_each(const std::function<Status(ProvisionedCar&)>& visit) {
  cli::Progress progress;
  std::uint64_t seen = 0;
  ProvisionedCarsOptions options;
  options.paths = options_->paths;
  options.unusable = [&](const std::string& file, const Error& error) {
    if (told_) return;  // members reads twice
    progress.clear();
    cli::report(file, error);
  };
  const Result<ProvisionedCarsCounts> counts =
      for_each_car(options, identities_, [&](ProvisionedCar& car) -> Status {
        progress.show(std::to_string(++seen) + " records");
        return visit(car);
      });
  progress.clear();
  if (!counts) {
    cli::report("provisioning records", counts.error());
    return false;
  }
  counts_ = *counts;
  const bool again = std::exchange(told_, true);
  if (counts_.lone_shares > 0 && !again) {
    cli::report(std::to_string(counts_.lone_shares) + " shares without their other half",
                "two authorities hold these cars: both shares and both keys are needed");
  }
  return true;
}

bool Records::note(Use use) {
  use.reason = options_->reason;
  for (const PurposeRotation& one : wanted_) {
    if (use.purposes.empty() || use.purposes.back() != one.purpose) {
      use.purposes.push_back(one.purpose);
    }
  }
  use.from = options_->from;
  use.to = day_text(span_.last);
  const Result<LogHead> head = log_.append(use, *key_, SystemClock());
  if (!head) {
    cli::report(options_->log_file, head.error(), "what is not logged is not answered");
    return false;
  }
  std::cerr << "logged: " << options_->log_file << ", head " << to_string(*head) << "\n";
  return true;
}

void add_car_options(CLI::App& command, CarOptions& options) {
  command.add_option("--vin", options.vins, "VIN; - reads it from standard input")
      ->allow_extra_args(false);
  command
      .add_option("--frame", options.frames,
                  "frame number, in any of its forms; - reads it from standard input")
      ->allow_extra_args(false);
  CLI::Option* one = command.add_option("--provisioning", options.provisioning,
                                        "of a car that changed its owner: 1 is the first");
  one->check(CLI::PositiveNumber);
  command.add_flag("--all-provisionings", options.all, "of all its owners")->excludes(one);
}

std::optional<std::vector<std::string>> names_asked(const CarOptions& options) {
  std::vector<std::string> names;
  for (const std::string& vin : options.vins) names.push_back(vin_name(value_of(vin)));
  for (const std::string& frame : options.frames) names.push_back(frame_name(value_of(frame)));
  if (std::find(names.begin(), names.end(), "") == names.end()) return names;
  cli::report("--vin or --frame: empty", "a VIN, a frame number, or - for standard input");
  return std::nullopt;
}

std::optional<std::vector<Held>> find_cars(Records& records, const std::vector<std::string>& names,
                                           const CarOptions& options) {
  std::vector<std::vector<Held>> found(names.size());
  const bool read = records.for_each([&](ProvisionedCar& car) -> Status {
    const std::vector<std::string> own = names_of(car.identity);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::find(own.begin(), own.end(), names[i]) == own.end()) continue;
      found[i].push_back({std::move(car), 0, {}});
      break;
    }
    return Done{};
  });
  if (!read) return std::nullopt;
  std::vector<Held> chosen;
  for (std::vector<Held>& provisionings : found) {
    std::sort(provisionings.begin(), provisionings.end(), [](const Held& a, const Held& b) {
      return std::pair(a.car.day, a.car.transfers) < std::pair(b.car.day, b.car.transfers);
    });
    std::vector<Held> of_car;
    for (std::size_t i = 0; i < provisionings.size(); ++i) {
      Held& held = provisionings[i];
      held.number = i + 1;
      held.days = {held.car.day, i + 1 < provisionings.size() ? provisionings[i + 1].car.day
                                                              : records.span().last};
      const bool in_span =
          held.days.first <= records.span().last && held.days.last >= records.span().first;
      const bool asked = options.provisioning == 0 || options.provisioning == held.number;
      if (in_span && asked) of_car.push_back(std::move(held));
    }
    if (of_car.size() > 1 && !options.all) {
      cli::report("a car was provisioned " + std::to_string(of_car.size()) +
                      " times within these days: it changed its owner",
                  "--provisioning N for one of them (1 is the first), --from and --to, or "
                  "--all-provisionings");
      return std::nullopt;
    }
    for (Held& held : of_car) chosen.push_back(std::move(held));
  }
  return chosen;
}

}  // namespace sudare::commands
