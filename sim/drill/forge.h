// Batches and member lists as somebody makes them who has the source, the policy's public keys and
// a car's access to the broker, but no car.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/identity/epoch_chain.h"
#include "fleet/authority/signing_key.h"
#include "gateway/policy/policy.h"
#include "sim/error.h"

namespace sudare::sim::drill {

// The records of forged batches carry it.
inline constexpr const char* kForgedTopic = "vehicle/forged";

struct Forgery {
  std::string topic;
  std::string payload;
};

class Forger {
 public:
  // `purpose` with a pseudonym. Draws a root of its own, as a unit would.
  static Parsed<Forger> make(const PurposePlan& purpose);

  // Without a signature; signed by its own key; under `known_pseudonym`, which is a real car's,
  // signed by its own key.
  [[nodiscard]] Parsed<std::vector<Forgery>> batches(const std::string& known_pseudonym) const;
  // A member list that names its own pseudonym, signed with `key`.
  [[nodiscard]] Parsed<std::string> member_list(const SigningKey& key) const;

 private:
  explicit Forger(const PurposePlan& purpose) : purpose_(&purpose) {}
  [[nodiscard]] Parsed<Forgery> batch(const std::string& pseudonym, bool sign) const;

  const PurposePlan* purpose_;
  std::uint16_t days_ = 0;
  std::uint32_t epoch_ = 0;
  EpochKey key_;
};

}  // namespace sudare::sim::drill
