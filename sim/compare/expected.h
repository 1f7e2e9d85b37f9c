// The records that the policy should have let out of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/minimize/minimizer.h"
#include "gateway/policy/policy.h"
#include "sim/truth.h"

namespace sudare::sim {

struct ExpectedRecord {
  std::string purpose;
  std::string topic;
  std::int64_t time_ms = 0;
  std::string payload;  // a JSON payload in canonical form
  std::uint64_t sequence = 0;
  // The record's time is when the gateway received the message, which nobody else knows exactly.
  bool time_of_receipt = false;
};

// A message that was sent damaged is to be refused, whatever the pipeline would make of it.
[[nodiscard]] std::vector<ExpectedRecord> expected_records(const Truth& truth, const Policy& policy,
                                                           const std::string& consent_topic);

// Any key: what it makes of a value is masked before it is compared. As on the car, a purpose
// without pseudonym has none, so its field is dropped. Keeps a reference to `policy`.
class AnyFieldKeys final : public FieldKeys {
 public:
  explicit AnyFieldKeys(const Policy& policy) : policy_(policy) {}
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex purpose) const override {
    return policy_.purposes[purpose].pseudonym == PseudonymKind::kNone ? nullptr : &key_;
  }

 private:
  const Policy& policy_;
  SecretBytes<32> key_;
};

// Replaces field pseudonyms (16 hex digits) by a mark: they depend on a key that only the car has.
[[nodiscard]] std::string without_pseudonyms(std::string payload);

// Whether a rule for the purpose pseudonymises a field.
[[nodiscard]] bool has_field_pseudonyms(const Policy& policy, const std::string& purpose);

}  // namespace sudare::sim
