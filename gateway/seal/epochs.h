// The car's pseudonyms: chains of every rotation length, as provisioned; which epoch holds now; the
// keys of a purpose in it. Chains only step forward.
//
// A step takes two calls, so that a failed commit changes nothing: advance() computes the next
// chains aside and says what must be persisted, advanced() puts them in force once that is on disk.
// Sealer::plan() and Sealer::committed() make these calls: batches of the old epoch close in the
// same commit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/identity/epoch_chain.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/policy/policy.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/store/store.h"

namespace sudare {

// How far one boot may move the chains: a little over a year, so that a parked car is right again
// at once. A chain never goes back, so a day that was confirmed wrongly costs at most this much
// time under one pseudonym; a car that stood for longer catches up over several boots. A chain
// whose epochs are longer than half of it may always make one step.
inline constexpr std::int64_t kEpochDaysPerBootMax = 400;

// After a start in mid-trip the first status message of the car may take a while; a car that never
// says whether it is driven must change its epochs all the same.
inline constexpr std::int64_t kStartGraceMs = 120'000;

// How long the end of a trip is waited for once an epoch is over; less where the rotation is
// shorter. Whoever writes the policy says which field tells that the car is driven, and which
// source tells the time: so neither may hold an epoch for longer. A car that is really driven for
// so long without a stop changes in mid-trip.
inline constexpr std::int64_t kOverdueDaysMax = 7;

// The longest that a chain stays in one epoch, never more than two rotations; by a clock that is
// confirmed, or plausible and not set back.
[[nodiscard]] constexpr std::int64_t epoch_days_max(std::uint16_t rotation_days) {
  return rotation_days + std::min<std::int64_t>(rotation_days, kOverdueDaysMax);
}

// Overwrites the values, which hold chain keys; for entries that went to Store::commit.
void wipe_values(std::vector<StateEntry>& entries);

// On the collector's thread.
class Epochs final : public FieldKeys {
 public:
  // Reads the chains from the store. kNotFound: not provisioned. kMalformed: damaged. Keeps
  // references to `time` and `policy`.
  static Result<std::unique_ptr<Epochs>> load(const Store& store, const TrustedTime& time,
                                              const Policy& policy);
  ~Epochs() override;
  Epochs(const Epochs&) = delete;
  Epochs& operator=(const Epochs&) = delete;

  // Appends fresh chains for a new car or owner to `out` (for Store::commit, then wipe_values())
  // and returns the root, to be sealed to the relink authority and then wiped (it wipes itself when
  // it goes). kMalformed on a day before 1970 or after 9999.
  static Result<RootKey> provision(std::int64_t unix_day, std::vector<StateEntry>& out);
  // The same for the owner after the `transfers`th transfer; the store must be empty, since an old
  // owner's undelivered and missing records would be told under the new pseudonym.
  // `until_transfer` starts at the epoch `transfers`.
  static Result<RootKey> provision_next_owner(std::int64_t unix_day, std::uint32_t transfers,
                                              std::vector<StateEntry>& out);
  // How often the car whose entries these are (of the module "epochs") was transferred. kNotFound:
  // not provisioned. kMalformed: damaged.
  static Result<std::uint32_t> transfers(const std::vector<StateEntry>& entries);

  // True while the car is driven: epochs do not change then, unless they are overdue by
  // kOverdueDaysMax. Until the first call, nobody knows: they change only after kStartGraceMs, in
  // which a car that is driven says so.
  void driving(bool on);

  // Whether the confirmed day asks for another epoch of any chain, and a change is allowed now. Or
  // one lasted for epoch_days_max() by the unit's own clock, which nothing confirms: the next one
  // begins, if that clock has reached it.
  [[nodiscard]] bool due() const;
  // Computes every chain that is due, over all missed epochs (at most kEpochDaysPerBootMax), and
  // appends what must be persisted; the old epochs stay in force. Again without advanced(): starts
  // over.
  void advance(std::vector<StateEntry>& out);
  // Whether the last advance() ends the purpose's epoch: all purposes of a rotation length change
  // together.
  [[nodiscard]] bool ends(PurposeIndex purpose) const;
  // The last advance() is on disk: its epochs are in force, the chains before are wiped. Does
  // nothing where it changed nothing.
  void advanced();

  // The current key; null for purposes without pseudonym. Valid until advanced() or use_policy().
  [[nodiscard]] const EpochKey* key(PurposeIndex purpose) const;
  [[nodiscard]] std::uint32_t epoch(PurposeIndex purpose) const;  // 0 without pseudonym
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex purpose) const override;

  // A random number of this provisioning. State of a former owner is told from this one's by it.
  [[nodiscard]] std::uint64_t generation() const;

  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Epochs(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
