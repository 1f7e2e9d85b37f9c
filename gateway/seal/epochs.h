// The car's pseudonyms: chains of every rotation length, as provisioned; which epoch holds now; the
// keys of a purpose in it. Chains only step forward; a step is persisted in the commit that first
// uses it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/identity/epoch_key.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/policy/policy.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/store/store.h"

namespace sudare {

// On the collector's thread.
class Epochs final : public FieldKeys {
 public:
  // Reads the chains from the store. kNotFound: not provisioned.
  static Result<std::unique_ptr<Epochs>> load(const Store& store, const TrustedTime& time,
                                              const Policy& policy);
  ~Epochs() override;
  Epochs(const Epochs&) = delete;
  Epochs& operator=(const Epochs&) = delete;

  // Writes fresh chains for a new car or owner into `out` (for Store::commit) and returns the root,
  // to be sealed to the relink authority and then wiped by the caller. Used by `sudare provision`.
  static Result<SecretBytes<32>> provision(std::int64_t unix_day, std::vector<StateEntry>& out);

  // True while the car is driven: epochs do not change then.
  void driving(bool on);

  // Whether the confirmed day asks for another epoch for this purpose and a change is allowed now.
  [[nodiscard]] bool due(PurposeIndex purpose) const;
  // Steps to the day's epoch (bounded steps per boot); what must be persisted is appended to `out`.
  Status advance(PurposeIndex purpose, std::vector<StateEntry>& out);

  // The current key; null for purposes without pseudonym. Valid until advance() or use_policy().
  [[nodiscard]] const EpochKey* key(PurposeIndex purpose) const;
  [[nodiscard]] std::uint32_t epoch(PurposeIndex purpose) const;
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex purpose) const override;

  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Epochs(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
