// `sudare members`: issues the relink authority's signed member lists, one file per purpose,
// rotation length and epoch.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>

#include "fleet/authority/car_name.h"
#include "fleet/authority/member_list.h"
#include "fleet/cli/console.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/days.h"
#include "fleet/commands/records.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;

// Lists that one call makes: a day's rotation for over two years.
constexpr std::size_t kListsMax = 1000;

// How long a list may be used. Recipients then ask for a new one, which no longer has the cars
// whose records were taken away in the meantime.
constexpr std::int64_t kValidDaysDefault = 90;

struct MembersOptions {
  RecordsOptions records;
  std::string signing_key;
  std::string directory;
  std::int64_t valid_days = kValidDaysDefault;
  std::uint64_t serial = 0;
  bool json = false;
};

using ListKey = std::tuple<std::string, std::uint16_t, std::uint32_t>;

class Issuing {
 public:
  Issuing(const MembersOptions& options, Records& records, const SigningKey& key)
      : options_(options), records_(records), key_(key) {}

  int run() {
    if (!collect()) return cli::kExitFailure;
    Use use;
    use.call = "members";
    use.cars = cars_;
    if (!records_.note(use)) return cli::kExitFailure;
    if (lists_.empty()) {
      return cli::report("no car of these records had a pseudonym within these days",
                         "--from and --to");
    }
    for (auto& [epoch, pseudonyms] : lists_) {
      if (!write(epoch, std::move(pseudonyms))) return cli::kExitFailure;
    }
    return records_.whole() ? cli::kExitOk : cli::kExitFindings;
  }

 private:
  // One name for all provisionings of a car.
  static std::string car_of(const ProvisionedCar& car) {
    const std::vector<std::string> names = names_of(car.identity);
    return names.empty() ? std::string() : names.front();
  }

  bool collect() {
    Ownerships ownerships;
    const bool read = records_.for_each([&](ProvisionedCar& car) -> Status {
      ++cars_;
      if (const std::string name = car_of(car); !name.empty()) {
        ownerships.add(name, car.day, car.transfers);
      }
      return Done{};
    });
    // Again, now that it is known until when each one held: a copy of a former owner's unit is no
    // member any more.
    return read && records_.for_each([&](ProvisionedCar& car) {
      const DaySpan held = ownerships.days(car_of(car), car.day, car.transfers);
      const DaySpan& asked = records_.span();
      return for_each_pseudonym(car, records_.wanted(),
                                {asked.first, std::min(asked.last, held.last)},
                                [this](const CarPseudonym& one) { return add(one); });
    });
  }

  Status add(const CarPseudonym& one) {
    auto& list = lists_[{one.purpose, one.rotation_days, one.epoch}];
    if (lists_.size() > kListsMax) return fail(ErrorCode::kTooLarge, "members: too many lists");
    if (++entries_ > kMemberEntriesMax) {
      return fail(ErrorCode::kTooLarge, "members: too many pseudonyms in one call");
    }
    list.push_back(one.pseudonym);
    return Done{};
  }

  bool write(const ListKey& epoch, std::vector<Pseudonym> pseudonyms) {
    MemberList list;
    std::tie(list.purpose, list.rotation_days, list.epoch) = epoch;
    list.issued_day = today();
    list.not_after_day = list.issued_day + options_.valid_days;
    constexpr std::int64_t kMsPerSecond = 1000;
    list.serial = options_.serial != 0
                      ? options_.serial
                      : static_cast<std::uint64_t>(SystemClock().wall_ms() / kMsPerSecond);
    list.pseudonyms = std::move(pseudonyms);
    const std::string name = list.purpose + "." + std::to_string(list.rotation_days) + "." +
                             std::to_string(list.epoch) + ".members";
    const fs::path file = fs::path(options_.directory) / name;
    const std::string last = day_text(list.not_after_day);
    const std::uint64_t serial = list.serial;
    const Status written = write_file(file, std::move(list));
    if (!written) {
      cli::report(file.string(), written.error(), "is the directory there and writable?");
      return false;
    }
    if (options_.json) {
      std::cout << nlohmann::ordered_json{{"file", file.string()},
                                          {"purpose", std::get<0>(epoch)},
                                          {"rotate_days", std::get<1>(epoch)},
                                          {"epoch", std::get<2>(epoch)},
                                          {"serial", serial},
                                          {"not_after", last}}
                       .dump()
                << "\n";
    } else {
      std::cout << file.string() << ", to be used until " << last << "\n";
    }
    return true;
  }

  Status write_file(const fs::path& file, MemberList list) {
    constexpr unsigned kOwnerOnly = 0600;
    TRY(const std::string bytes, write_member_list(std::move(list), key_));
    return cli::write_file(file, bytes, kOwnerOnly);
  }

  const MembersOptions& options_;
  Records& records_;
  const SigningKey& key_;
  std::uint64_t cars_ = 0;
  std::uint64_t entries_ = 0;
  std::map<ListKey, std::vector<Pseudonym>> lists_;
};

int run(MembersOptions& options) {
  if (!complete(options.records)) return cli::kExitUsage;
  if (options.records.from.empty()) options.records.from = day_text(today());
  const Result<SigningKey> key = read_signing_key(options.signing_key);
  if (!key) {
    return cli::report(options.signing_key, key.error(),
                       "the authority's signing key, as `sudare key new --signing` writes it");
  }
  std::error_code error;
  fs::create_directories(options.directory, error);
  std::optional<Records> records = Records::open(options.records);
  if (!records) return cli::kExitFailure;
  return Issuing(options, *records, *key).run();
}

}  // namespace

void add_members(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<MembersOptions>();
  CLI::App* members = app.add_subcommand(
      "members", "sign lists of the pseudonyms that are real cars'; for the relink authority");
  add_records_options(*members, options->records);
  members->add_option("--signing-key", options->signing_key, "the authority's signing key file")
      ->type_name("FILE")
      ->required();
  members->add_option("-o,--output", options->directory, "DIR/PURPOSE.DAYS.EPOCH.members")
      ->check(cli::refuse_standard_output)
      ->type_name("DIR")
      ->required();
  members->add_option("--valid-days", options->valid_days, "how long the lists may be used")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  members->add_option("--serial", options->serial,
                      "of two lists for an epoch the greater serial holds; default: the time");
  members->add_flag("--json", options->json, "print JSON lines");
  members->footer(
      "Without --from the lists are for the epochs of today. A stolen or scrapped car: move its\n"
      "record to another folder, and issue the lists again.\n");
  members->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
