#include "fleet/authority/car_pseudonyms.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace sudare {
namespace {

Status visit_until_transfer(const ProvisionedCar& car, const std::string& purpose,
                            const DaySpan& span,
                            const std::function<Status(const CarPseudonym&)>& visit) {
  TRY(const ChainKey chain, chain_start(car.root, kUntilTransfer));
  TRY(const EpochKey key, epoch_key(chain, purpose, kUntilTransfer, car.transfers));
  return visit({purpose, kUntilTransfer, car.transfers, span, key.pseudonym});
}

Status visit_epochs(const ProvisionedCar& car, const PurposeRotation& wanted, const DaySpan& span,
                    const std::function<Status(const CarPseudonym&)>& visit) {
  const std::uint16_t days = wanted.rotation_days;
  TRY(ChainKey chain, chain_start(car.root, days));
  std::uint32_t epoch = epoch_of_day(days, span.first);
  const std::uint32_t last = epoch_of_day(days, span.last);
  chain_walk(chain, epoch - epoch_of_day(days, car.day));
  for (;; ++epoch) {
    TRY(const EpochKey key, epoch_key(chain, wanted.purpose, days, epoch));
    const std::int64_t first_day = std::int64_t{epoch} * days;
    TRY(visit({wanted.purpose, days, epoch, {first_day, first_day + days - 1}, key.pseudonym}));
    if (epoch == last) return Done{};
    chain_walk(chain, 1);
  }
}

}  // namespace

Status for_each_pseudonym(const ProvisionedCar& car, const std::vector<PurposeRotation>& wanted,
                          const DaySpan& span,
                          const std::function<Status(const CarPseudonym&)>& visit) {
  const DaySpan held{std::max(span.first, car.day), span.last};
  if (held.last < held.first) return Done{};
  if (held.last - car.day > kSpanDaysMax) {
    return fail(ErrorCode::kTooLarge, "pseudonyms: more than a hundred years");
  }
  for (const PurposeRotation& one : wanted) {
    if (one.rotation_days == kUntilTransfer) {
      TRY(visit_until_transfer(car, one.purpose, held, visit));
    } else {
      TRY(visit_epochs(car, one, held, visit));
    }
  }
  return Done{};
}

void Ownerships::add(const std::string& car, std::int64_t day, std::uint32_t transfers) {
  begins_[car].insert({day, transfers});
}

DaySpan Ownerships::days(const std::string& car, std::int64_t day, std::uint32_t transfers) const {
  DaySpan days{day, std::numeric_limits<std::int64_t>::max()};
  const auto known = begins_.find(car);
  if (known == begins_.end()) return days;
  const auto next = known->second.upper_bound({day, transfers});
  if (next != known->second.end()) days.last = next->day;
  return days;
}

}  // namespace sudare
