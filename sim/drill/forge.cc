#include "sim/drill/forge.h"

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/seal/seal.h"
#include "fleet/authority/member_list.h"
#include "sim/drill/setting.h"
#include "sudare/v1/batch.pb.h"

namespace sudare::sim::drill {

namespace {

constexpr std::size_t kBatchIdBytes = 16;
constexpr std::int64_t kValidDays = 30;

std::string text_from(const Pseudonym& pseudonym) {
  return std::string(pseudonym.begin(), pseudonym.end());
}

}  // namespace

Parsed<Forger> Forger::make(const PurposePlan& purpose) {
  Forger forger(purpose);
  forger.days_ =
      purpose.pseudonym == PseudonymKind::kUntilTransfer ? kUntilTransfer : purpose.rotate_days;
  if (forger.days_ != kUntilTransfer) {
    forger.epoch_ = epoch_of_day(forger.days_, Setting::today());
  }
  RootKey root;
  random_bytes(root.bytes());
  const auto chain = chain_start(root, forger.days_);
  if (!chain) return input_error(chain.error(), purpose.name);
  auto key = epoch_key(*chain, purpose.name, forger.days_, forger.epoch_);
  if (!key) return input_error(key.error(), purpose.name);
  forger.key_ = *std::move(key);
  return forger;
}

Parsed<Forgery> Forger::batch(const std::string& pseudonym, bool sign) const {
  sudare::v1::Batch batch;
  batch.set_purpose(purpose_->name);
  batch.set_pseudonym(pseudonym);
  batch.set_epoch_days(days_);
  batch.set_epoch(epoch_);
  std::string id(kBatchIdBytes, '\0');
  random_bytes(MutableByteSpan(reinterpret_cast<std::uint8_t*>(id.data()), id.size()));
  batch.set_batch_id(id);
  batch.set_record_count(1);
  batch.set_policy_slice(std::string(purpose_->slice.begin(), purpose_->slice.end()));
  for (const age::Recipient& recipient : purpose_->recipients) {
    const age::KeyId key = recipient.key_id();
    batch.add_recipient_key_ids(std::string(key.begin(), key.end()));
  }
  sudare::v1::Record& record = *batch.add_records();
  record.set_topic(kForgedTopic);
  record.set_time_ms(SystemClock().wall_ms());
  record.set_codec(sudare::v1::Record::JSON);
  record.set_payload("{\"forged\": true}");
  std::string compressed;
  if (auto done = compress_batch(bytes_of(batch.SerializeAsString()), compressed); !done) {
    return input_error(done.error(), "a forged batch");
  }
  std::optional<BatchProof> proof;
  if (sign) {
    const auto signature = sign_batch(key_, purpose_->name, bytes_of(compressed));
    if (!signature) return input_error(signature.error(), "a forged batch");
    proof = BatchProof{key_.public_key, *signature};
  }
  std::string plaintext;
  Forgery forgery{"sudare/1/" + purpose_->name + "/5a", {}};
  if (auto done = write_signed_batch(bytes_of(compressed), proof,
                                     signed_batch_bytes(compressed.size(), sign), plaintext);
      !done) {
    return input_error(done.error(), "a forged batch");
  }
  if (auto done = age::seal(purpose_->recipients, bytes_of(plaintext), forgery.payload); !done) {
    return input_error(done.error(), "a forged batch");
  }
  return forgery;
}

Parsed<std::vector<Forgery>> Forger::batches(const std::string& known_pseudonym) const {
  const struct {
    std::string pseudonym;
    bool sign;
  } kinds[] = {{text_from(key_.pseudonym), false},
               {text_from(key_.pseudonym), true},
               {known_pseudonym, true}};
  std::vector<Forgery> all;
  for (const auto& kind : kinds) {
    auto made = batch(kind.pseudonym, kind.sign);
    if (!made) return tl::unexpected<InputError>(made.error());
    all.push_back(*std::move(made));
  }
  return all;
}

Parsed<std::string> Forger::member_list(const SigningKey& key) const {
  MemberList list;
  list.purpose = purpose_->name;
  list.rotation_days = days_;
  list.epoch = epoch_;
  list.issued_day = Setting::today();
  list.not_after_day = Setting::today() + kValidDays;
  // Of two lists for an epoch the one with the greater serial holds.
  list.serial = static_cast<std::uint64_t>(SystemClock().wall_ms()) * 2;
  list.pseudonyms = {key_.pseudonym};
  auto file = write_member_list(std::move(list), key);
  if (!file) return input_error(file.error(), "a forged member list");
  return *std::move(file);
}

}  // namespace sudare::sim::drill
