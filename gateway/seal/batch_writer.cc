#include "gateway/seal/batch_writer.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "crypto/identity/padme.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/seal/seal.h"
#include "gateway/seal/sealer.h"

namespace sudare {
namespace {

constexpr std::size_t kBatchIdBytes = 16;

bool has_pseudonym(const PurposePlan& purpose) { return purpose.pseudonym != PseudonymKind::kNone; }

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// The size of a purpose's batches, and of the padding of those without pseudonym.
std::size_t size_class_bytes(const PurposePlan& purpose) {
  return std::clamp<std::size_t>(purpose.batch_bytes_max, kFragmentPadBytes, kBatchBytesMax);
}

std::size_t padded_bytes(const PurposePlan& purpose, bool fragment, std::size_t bytes) {
  if (has_pseudonym(purpose)) return static_cast<std::size_t>(padme_bytes(bytes));
  return round_up(bytes, fragment ? kFragmentPadBytes : size_class_bytes(purpose));
}

void append_varint(std::string& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

void append_tag(std::string& out, int field) {
  constexpr std::size_t kLengthDelimited = 2;
  append_varint(out, static_cast<std::size_t>(field) << 3 | kLengthDelimited);
}

// Batch.chunks, without a message that would hold a second copy of the data.
void append_piece(const ClipPiece::Content& piece, std::string& out) {
  v1::ClipChunk chunk;
  chunk.set_clip_id(piece.clip_id.data(), piece.clip_id.size());
  chunk.set_index(piece.index);
  chunk.set_offset(piece.offset);
  if (piece.manifest) *chunk.mutable_manifest() = *piece.manifest;
  std::string head = chunk.SerializeAsString();
  append_tag(head, v1::ClipChunk::kDataFieldNumber);
  append_varint(head, piece.data.size());
  append_tag(out, v1::Batch::kChunksFieldNumber);
  append_varint(out, head.size() + piece.data.size());
  out += head;
  out += piece.data;
}

}  // namespace

std::size_t record_capacity_bytes(const PurposePlan& purpose) {
  // The larger overhead bounds only what zstd and `open` accept; the smaller one is part of the
  // fixed size.
  constexpr std::size_t kMost =
      kBatchBytesMax - kBatchOverheadBytes - kReportedRangesMax * kReportedRangeBytesMax;
  return std::min(size_class_bytes(purpose) - kBatchOverheadBytes, kMost);
}

std::uint16_t rotation_of(const PurposePlan& purpose) {
  switch (purpose.pseudonym) {
    case PseudonymKind::kNone: return kNoRotation;
    case PseudonymKind::kRotate: return purpose.rotate_days;
    case PseudonymKind::kUntilTransfer: return kUntilTransfer;
  }
  return kNoRotation;
}

void BatchWriter::write_batch(const PurposePlan& purpose, const BatchPart& part) {
  head_.Clear();
  head_.set_purpose(purpose.name);
  random_bytes(grow(*head_.mutable_batch_id(), kBatchIdBytes));
  head_.set_policy_slice(purpose.slice.data(), purpose.slice.size());
  for (const age::Recipient& recipient : recipients_) {
    const age::KeyId id = recipient.key_id();
    head_.add_recipient_key_ids(id.data(), id.size());
  }
  if (has_pseudonym(purpose)) {
    head_.set_pseudonym(part.key->pseudonym.data(), part.key->pseudonym.size());
    head_.set_epoch_days(rotation_of(purpose));
    head_.set_epoch(part.epoch);
    head_.set_first_record(part.range.first);
    head_.set_record_count(part.range.count);
    head_.set_end_of_epoch(part.end_of_epoch);
    if (part.missing != nullptr) {
      for (const MissingRecords& missing : *part.missing) {
        v1::MissingRange* const range = head_.add_missing();
        range->set_first_record(missing.records.first);
        range->set_record_count(missing.records.count);
        range->set_reason(missing.reason);
      }
    }
  }
  batch_.clear();
  head_.AppendToString(&batch_);
  if (part.piece != nullptr) append_piece(*part.piece, batch_);
  if (part.records == nullptr) return;
  if (has_pseudonym(purpose)) {
    part.records->write(part.from, batch_);
  } else {
    part.records->write_shuffled(part.from, batch_);
  }
}

Result<std::string> BatchWriter::write(const PurposePlan& purpose, const BatchPart& part) {
  if (has_pseudonym(purpose) && part.key == nullptr) {
    return fail(ErrorCode::kNotFound, "seal: the purpose has no key");
  }
  recipients_ = purpose.recipients_on(part.day);
  if (recipients_.empty()) {
    return fail(ErrorCode::kNotFound, "seal: the purpose has no recipient");
  }
  write_batch(purpose, part);
  compressed_.clear();
  if (part.piece == nullptr) {
    TRY(compress_batch(bytes_of(batch_), compressed_));
  } else {
    TRY(frame_batch(bytes_of(batch_), compressed_));
  }
  std::optional<BatchProof> proof;
  if (has_pseudonym(purpose)) {
    TRY(const Signature signature, sign_batch(*part.key, purpose.name, bytes_of(compressed_)));
    proof = BatchProof{part.key->public_key, signature};
  }
  const std::size_t least = signed_batch_bytes(compressed_.size(), proof.has_value());
  plaintext_.clear();
  TRY(write_signed_batch(bytes_of(compressed_), proof, padded_bytes(purpose, part.fragment, least),
                         plaintext_));
  std::string file;
  file.reserve(static_cast<std::size_t>(age::sealed_bytes(recipients_.size(), plaintext_.size())));
  TRY(age::seal(recipients_, bytes_of(plaintext_), file));
  return file;
}

}  // namespace sudare
