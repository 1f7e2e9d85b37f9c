#include "fleet/open/open_batch.h"

#include <algorithm>
#include <limits>

#include "base/limits.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/inspect.h"
#include "crypto/open/open.h"

namespace sudare {
namespace {

// What the writer makes and nothing else: a batch without pseudonym has nothing that links it to
// another.
Result<Verified> verify_pseudonym(std::string_view purpose, const v1::Batch& batch,
                                  const std::optional<Ed25519PublicKey>& key) {
  if (!key) {
    if (!batch.pseudonym().empty() || batch.epoch_days() != 0 || batch.epoch() != 0 ||
        batch.first_record() != 0 || batch.end_of_epoch() || batch.missing_size() != 0) {
      return fail(ErrorCode::kAuthentication, "batch: names a pseudonym and is not signed");
    }
    return Verified::kNone;
  }
  if (batch.epoch_days() > std::numeric_limits<std::uint16_t>::max()) {
    return fail(ErrorCode::kMalformed, "batch: rotation length");
  }
  TRY(const Pseudonym expected,
      pseudonym_of(purpose, static_cast<std::uint16_t>(batch.epoch_days()), batch.epoch(), *key));
  if (text_of(expected) != batch.pseudonym()) {
    return fail(ErrorCode::kAuthentication, "batch: the pseudonym is not its key's");
  }
  return Verified::kSelf;
}

Status verify_recipients(std::span<const age::open_side::Identity> identities,
                         const v1::Batch& batch, ByteSpan file) {
  TRY(const age::open_side::FileInfo info, age::open_side::inspect(file, file.size()));
  if (info.x25519_stanzas != static_cast<std::size_t>(batch.recipient_key_ids_size())) {
    return fail(ErrorCode::kRefused, "batch: another number of recipients than the car sealed to");
  }
  const auto& ids = batch.recipient_key_ids();
  const bool mine = std::any_of(identities.begin(), identities.end(), [&](const auto& identity) {
    const age::KeyId id = identity.recipient().key_id();
    return std::find(ids.begin(), ids.end(), text_of(id)) != ids.end();
  });
  if (!mine) return fail(ErrorCode::kRefused, "batch: not sealed to this recipient by the car");
  return Done{};
}

}  // namespace

Literal literal_of(Verified verified) {
  switch (verified) {
    case Verified::kNone: return "none";
    case Verified::kSelf: return "self";
    case Verified::kMember: return "member";
  }
  return "none";
}

Result<VerifiedBatch> open_batch(std::span<const age::open_side::Identity> identities,
                                 std::string_view purpose, Unsigned without, ByteSpan file) {
  std::string plaintext;
  TRY(age::open_side::open(identities, file, plaintext));
  TRY(OpenedBatch opened, open_signed_batch(purpose, bytes_of(plaintext)));
  if (!opened.public_key && without == Unsigned::kRefused) {
    return fail(ErrorCode::kAuthentication, "batch: not signed");
  }
  VerifiedBatch result;
  if (!result.batch.ParseFromString(opened.batch)) {
    return fail(ErrorCode::kMalformed, "batch: not a Batch message");
  }
  const v1::Batch& batch = result.batch;
  if (batch.purpose() != purpose) return fail(ErrorCode::kRefused, "batch: another purpose");
  constexpr std::size_t kBatchIdBytes = 16;
  if (batch.batch_id().size() != kBatchIdBytes) {
    return fail(ErrorCode::kMalformed, "batch: batch_id is not 16 bytes");
  }
  const std::uint32_t count =
      opened.public_key ? static_cast<std::uint32_t>(batch.records_size() + batch.chunks_size())
                        : 0;
  if (batch.record_count() != count ||
      batch.first_record() > std::numeric_limits<std::uint64_t>::max() - batch.record_count()) {
    return fail(ErrorCode::kMalformed, "batch: record count");
  }
  TRY(verify_recipients(identities, batch, file));
  TRY(result.verified, verify_pseudonym(purpose, batch, opened.public_key));
  return result;
}

}  // namespace sudare
