// What several drills start from: some cars drive under the shipped policy with the real gateway,
// among a crowd of others (`sudare-sim fleet`); everything that the cloud received of them, and as
// a control what a bridge would have sent of the same drives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fleet/audit/audit.h"
#include "sim/drill/car.h"
#include "sim/drill/cloud.h"
#include "sim/drill/setting.h"

namespace sudare::sim::drill {

struct Ride {
  std::unique_ptr<Setting> setting;
  std::unique_ptr<Cloud> cloud;
  std::unique_ptr<Cloud> raw_cloud;  // the control's
  std::vector<std::unique_ptr<Car>> cars;
  std::uint64_t crowd = 0;
  Bucket sealed;
  Bucket raw;
  // Identifiers and positions that the cars sent.
  AuditInputs planted;

  // What the real cars sent, without the crowd.
  [[nodiscard]] Bucket of_the_cars() const;
};

// The name of the crowd's sender, and of the one that nobody used yet.
inline constexpr const char* kCrowd = "crowd";
inline constexpr const char* kIntruder = "intruder";

// Cars and gateways have ended when it returns; the cloud goes on.
[[nodiscard]] Parsed<std::unique_ptr<Ride>> ride(const DrillOptions& options);

}  // namespace sudare::sim::drill
