// Pseudonyms of a car that doesn't exist, for tools that show what a policy releases: as if it had
// been provisioned on the day of each message.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "crypto/identity/epoch_chain.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/policy/policy.h"

namespace sudare {

class PreviewKeys final : public FieldKeys {
 public:
  // The root is SHA-256 of the phrase: who knows the phrase knows every pseudonym. Without a phrase
  // the root is random. Keeps a reference to `policy`.
  PreviewKeys(const Policy& policy, std::string_view phrase);
  explicit PreviewKeys(const Policy& policy);

  // The day of the message that comes next.
  void use_time(std::int64_t time_ms) { day_ = time_ms / kMsPerDay; }

  // 32 hexadecimal digits; empty for purposes without pseudonym.
  [[nodiscard]] std::string pseudonym(PurposeIndex purpose) const;
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex purpose) const override;

 private:
  const EpochKey* key(PurposeIndex purpose) const;

  const Policy& policy_;
  RootKey root_;
  std::int64_t day_ = 0;
  // By purpose and epoch: input may go back in time. Each key takes some pages of memory.
  static constexpr std::size_t kKeysMax = 256;
  mutable std::map<std::pair<PurposeIndex, std::uint32_t>, EpochKey> keys_;
};

}  // namespace sudare
