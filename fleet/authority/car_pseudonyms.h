// What a car was called, and when: the pseudonyms that follow from its root.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "fleet/authority/provisioned_cars.h"

namespace sudare {

// A hundred years: more is a mistake, and steps of a chain take time.
inline constexpr std::int64_t kSpanDaysMax = 36'600;

// Unix days, both included.
struct DaySpan {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct PurposeRotation {
  std::string purpose;
  std::uint16_t rotation_days = 0;  // 0: until transfer
};

struct CarPseudonym {
  std::string purpose;
  std::uint16_t rotation_days = 0;
  std::uint32_t epoch = 0;
  DaySpan days;  // of the epoch; until transfer: of the car's owner, as far as the span goes
  Pseudonym pseudonym{};
};

// Every pseudonym that the car has for these purposes within the span, from the day on which its
// chains begin, in the order of `wanted` and then of the epochs. By the calendar: a car whose clock
// was not confirmed, or that was driven past midnight, stayed in an earlier epoch for a while.
// kTooLarge: a span past kSpanDaysMax. kRefused: no rotation length, or no purpose's name.
Status for_each_pseudonym(const ProvisionedCar& car, const std::vector<PurposeRotation>& wanted,
                          const DaySpan& span,
                          const std::function<Status(const CarPseudonym&)>& visit);

// Which records belong to one car, and when each of them held: until the day on which the next one
// begins, that day included.
class Ownerships {
 public:
  // `car`: one name for all records of a car (car_name.h).
  void add(const std::string& car, std::int64_t day, std::uint32_t transfers);
  // The days of the record of this car, day and number of transfers; the last one is open.
  [[nodiscard]] DaySpan days(const std::string& car, std::int64_t day,
                             std::uint32_t transfers) const;

 private:
  struct Begin {
    std::int64_t day = 0;
    std::uint32_t transfers = 0;
    friend auto operator<=>(const Begin&, const Begin&) = default;
  };
  std::map<std::string, std::set<Begin>> begins_;
};

}  // namespace sudare
