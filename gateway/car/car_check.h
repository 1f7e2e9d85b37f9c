// Whether the unit is still in the car that it was provisioned for. The car says who it is on
// topics that the policy names (Source.identity_field). A unit that was moved into another car
// would send that car's data under the former car's pseudonyms, and on the word of its driver: it
// stops, but for essential purposes, until it is provisioned again (`sudare provision --transfer`).
//
// From the first value of another car on the unit is in doubt, and closed: many cars say who they
// are once a start. The unit's own value ends the doubt: one wrong value may be a fault on the bus.
// kCarDiffersMax of them in a row are none, and end it for good. What the broker retained comes
// again with each subscription, so it makes doubts, and nothing more. What is garbled or empty says
// nothing. The count lives over restarts. A unit that was provisioned before fingerprints were kept
// is not checked.
//
// Not here: what leaves before the car has said anything since the start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/car/car_fingerprint.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// Messages in a row that name another car before the unit stops for good.
inline constexpr std::uint32_t kCarDiffersMax = 3;

inline constexpr Literal kCarModule = "car";

// On the collector's thread.
class CarCheck {
 public:
  // kMalformed: the stored state is damaged.
  static Result<std::unique_ptr<CarCheck>> load(const Store& store);

  // False: nothing is kept to compare with.
  [[nodiscard]] bool checked() const { return fingerprint_.has_value(); }
  [[nodiscard]] bool moved() const { return moved_; }
  // Moved, or in doubt: nothing but essential purposes is served.
  [[nodiscard]] bool stopped() const { return moved_ || in_a_row_ > 0; }
  // Messages that named another car since the start.
  [[nodiscard]] std::uint64_t differed() const { return differed_; }

  // What one message says of the car. True: from now on the unit counts as moved. stopped() may be
  // another after it.
  [[nodiscard]] bool look(const Personal<CarNumbers>& said, bool retained);
  // What must be in the next commit. Again after a failed commit only where the caller has lost it.
  void take_changes(std::vector<StateEntry>& out);

  // Provisioning: appends the fingerprint of the car to `out`; nothing where neither number is one.
  // Keeps the one among `former` (entries of kCarModule) where it is of this car: another salt
  // would add its bits to those that a former copy of the store has told.
  static Status provision(const std::vector<StateEntry>& former, std::string_view vin,
                          std::string_view frame_number, std::vector<StateEntry>& out);
  // The same, of a car whose fingerprint is made.
  static void provision(const CarFingerprint& fingerprint, std::vector<StateEntry>& out);
  // The fingerprint among entries of kCarModule; nothing where there is none. kMalformed.
  static Result<std::optional<CarFingerprint>> fingerprint_of(
      const std::vector<StateEntry>& entries);

 private:
  CarCheck() = default;

  std::optional<CarFingerprint> fingerprint_;
  std::uint32_t in_a_row_ = 0;
  std::uint64_t differed_ = 0;
  bool moved_ = false;
  bool changed_ = false;  // since the last take_changes()
};

}  // namespace sudare
