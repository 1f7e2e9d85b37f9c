#include "tests/unit/fleet/forged_batch.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "crypto/crypto_init.h"
#include "crypto/identity/batch_signature.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/seal/seal.h"

namespace sudare::fleet_test {
namespace {

constexpr std::uint16_t kRotation = 28;
constexpr std::uint32_t kEpoch = 700;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().what.view()));
  return std::move(*result);
}

EpochKey fresh_key() {
  must(crypto_init());
  RootKey root;
  random_bytes(root.bytes());
  const ChainKey chain = must(chain_start(root, kRotation));
  return must(epoch_key(chain, Forge::kPurpose, kRotation, kEpoch));
}

std::string random_id() {
  std::array<std::uint8_t, 16> id{};
  random_bytes(id);
  return std::string(text_of(id));
}

}  // namespace

Forge::Forge() : key_(fresh_key()) {
  identities_.push_back(age::open_side::Identity::generate());
  others_.push_back(age::open_side::Identity::generate());
}

v1::Batch Forge::unsigned_batch(int records) const {
  v1::Batch batch;
  batch.set_purpose(kPurpose);
  batch.set_batch_id(random_id());
  batch.add_recipient_key_ids(std::string(text_of(identities_[0].recipient().key_id())));
  for (int i = 0; i < records; ++i) {
    v1::Record& record = *batch.add_records();
    record.set_topic("car/state");
    record.set_time_ms(1'700'000'000'000 + i);
    record.set_codec(v1::Record::JSON);
    record.set_payload("{\"n\": " + std::to_string(i) + "}");
  }
  return batch;
}

v1::Batch Forge::signed_batch(std::uint64_t first, int records) const {
  v1::Batch batch = unsigned_batch(records);
  batch.set_pseudonym(std::string(text_of(key_.pseudonym)));
  batch.set_epoch_days(kRotation);
  batch.set_epoch(kEpoch);
  batch.set_first_record(first);
  batch.set_record_count(static_cast<std::uint32_t>(records));
  return batch;
}

std::string Forge::sealed(const v1::Batch& batch, const Options& options) const {
  std::string compressed;
  must(compress_batch(bytes_of(batch.SerializeAsString()), compressed));
  std::optional<BatchProof> proof;
  if (options.sign) {
    proof = BatchProof{key_.public_key,
                       must(sign_batch(key_, options.signed_purpose, bytes_of(compressed)))};
    if (options.break_signature) proof->signature[5] ^= 1;
  }
  std::string plaintext;
  must(write_signed_batch(bytes_of(compressed), proof,
                          signed_batch_bytes(compressed.size(), options.sign), plaintext));
  std::vector<age::Recipient> recipients{identities_[0].recipient()};
  if (options.recipients > 1) recipients.push_back(others_[0].recipient());
  std::string file;
  must(age::seal(recipients, bytes_of(plaintext), file));
  return file;
}

std::string Forge::sealed(const v1::Batch& batch) const { return sealed(batch, Options()); }

}  // namespace sudare::fleet_test
