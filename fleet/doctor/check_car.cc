#include <algorithm>

#include "fleet/doctor/check_unit.h"
#include "gateway/car/car_check.h"

namespace sudare::doctor {

void check_car(const StoredState* state, const Policy* policy, Report& report) {
  Check check(report, "state.car");
  check.ok("the unit is not known to be in another car, and would notice");
  if (state != nullptr) {
    const auto car = CarCheck::load(*state);
    if (!car) {
      check.problem(std::string(car.error().what.view()), "provision a fresh directory");
    } else if ((*car)->moved()) {
      check.problem("the unit is in another car: only essential purposes are served",
                    "sudare provision --transfer, with the identity of this car");
    } else if ((*car)->stopped()) {
      check.problem("in doubt: only essential purposes until the car says its own number",
                    "wait for the car's next start; is the unit in its car, and who may publish on "
                    "the topic of identity_field?");
    } else if (!(*car)->checked()) {
      check.warning("nothing is kept of the car: a unit in another one would not be noticed",
                    "sudare provision --transfer keeps a fingerprint of it");
    }
  }
  const auto says_who = [](const SourcePlan& source) {
    return static_cast<bool>(source.car_identity);
  };
  if (policy != nullptr && std::none_of(policy->sources.begin(), policy->sources.end(), says_who)) {
    check.warning(
        "no source of the policy says who the car is: a unit in another one goes on",
        "identity_field: \"PATH\" in a source whose messages hold its VIN or frame number");
  }
  if (check.clean() && (state == nullptr || policy == nullptr)) {
    check.skip("the store is not read, or the policy is not valid");
  }
}

}  // namespace sudare::doctor
