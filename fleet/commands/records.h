// What relink, members and forget have in common: the authority's keys, its records of cars, the
// log of their use, and which purposes, days and cars are meant.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/authority/car_pseudonyms.h"
#include "fleet/authority/provisioned_cars.h"
#include "fleet/authority/use_log.h"

namespace CLI {
class App;
}

namespace sudare::commands {

struct RecordsOptions {
  std::vector<std::string> key_files;
  std::vector<std::string> paths;
  std::string log_file;
  std::string reason;
  std::vector<std::string> purposes;
  std::vector<std::uint16_t> rotations;
  std::string policy_file;
  std::string from;
  std::string to;
};

// -i --log --reason --purpose --rotate-days --policy --from --to RECORD...
void add_records_options(CLI::App& command, RecordsOptions& options);

// The first options without which there is no use of records; says on stderr what is missing.
[[nodiscard]] bool complete(const RecordsOptions& options);

// Open keys and log. Everything that fails has been said on stderr.
class Records {
 public:
  static std::optional<Records> open(const RecordsOptions& options);

  // False: stop with an error. Files that could not be used are told, and remembered.
  bool for_each(const std::function<Status(ProvisionedCar&)>& visit);
  // Before any answer is given. Prints the log's new head on stderr.
  bool note(Use use);

  [[nodiscard]] const std::vector<PurposeRotation>& wanted() const { return wanted_; }
  // The days that were asked for; without --to until today.
  [[nodiscard]] const DaySpan& span() const { return span_; }
  [[nodiscard]] std::string token(const std::string& asked) const { return key_->token(asked); }
  // Every file could be used: the answer is complete.
  [[nodiscard]] bool whole() const { return counts_.unusable == 0 && counts_.lone_shares == 0; }

 private:
  Records(const RecordsOptions& options, std::vector<age::open_side::Identity> identities,
          UseLog log, std::vector<PurposeRotation> wanted, DaySpan span);
  const RecordsOptions* options_;
  std::vector<age::open_side::Identity> identities_;
  std::unique_ptr<UseLogKey> key_;
  UseLog log_;
  std::vector<PurposeRotation> wanted_;
  DaySpan span_;
  ProvisionedCarsCounts counts_;
  bool told_ = false;  // what could not be used
};

// A provisioning of a car, and the days on which it held.
struct Held {
  ProvisionedCar car;
  std::size_t number = 0;  // 1: the first of this car
  DaySpan days;
};

struct CarOptions {
  std::vector<std::string> vins;  // "-": a line of standard input
  std::vector<std::string> frames;
  std::size_t provisioning = 0;  // 0: not chosen
  bool all = false;              // every provisioning of the car
};

// --vin --frame --provisioning --all-provisionings
void add_car_options(CLI::App& command, CarOptions& options);

// The names that were asked for (car_name.h); nothing, said on stderr, where they are none.
[[nodiscard]] std::optional<std::vector<std::string>> names_asked(const CarOptions& options);

// The provisionings of these cars that held within the records' span. Nothing, said on stderr,
// where a car had several and the options do not say which: a former owner must not be told of the
// present one. An empty list: no such car.
[[nodiscard]] std::optional<std::vector<Held>> find_cars(Records& records,
                                                         const std::vector<std::string>& names,
                                                         const CarOptions& options);

}  // namespace sudare::commands
