#include "fleet/preview/preview_keys.h"

#include "crypto/hkdf.h"
#include "fleet/cli/console.h"

namespace sudare {

PreviewKeys::PreviewKeys(const Policy& policy, std::string_view phrase) : policy_(policy) {
  sha256({bytes_of(phrase)}, root_.bytes());
}

PreviewKeys::PreviewKeys(const Policy& policy) : policy_(policy) { random_bytes(root_.bytes()); }

const EpochKey* PreviewKeys::key(PurposeIndex purpose) const {
  const PurposePlan& plan = policy_.purposes[purpose];
  if (plan.pseudonym == PseudonymKind::kNone) return nullptr;
  const bool rotates = plan.pseudonym == PseudonymKind::kRotate;
  const std::uint16_t days = rotates ? plan.rotate_days : kUntilTransfer;
  const std::uint32_t epoch = rotates ? epoch_of_day(days, day_) : 0;
  const auto known = keys_.find({purpose, epoch});
  if (known != keys_.end()) return &known->second;
  const Result<ChainKey> chain = chain_start(root_, days);
  if (!chain) return nullptr;
  Result<EpochKey> made = epoch_key(*chain, plan.name, days, epoch);
  if (!made) return nullptr;
  if (keys_.size() >= kKeysMax) keys_.erase(keys_.begin());
  return &keys_.emplace(std::make_pair(purpose, epoch), std::move(*made)).first->second;
}

std::string PreviewKeys::pseudonym(PurposeIndex purpose) const {
  const EpochKey* const epoch = key(purpose);
  return epoch == nullptr ? std::string() : cli::hex(text_of(epoch->pseudonym));
}

const SecretBytes<32>* PreviewKeys::field_key(PurposeIndex purpose) const {
  const EpochKey* const epoch = key(purpose);
  return epoch == nullptr ? nullptr : &epoch->field_key;
}

}  // namespace sudare
