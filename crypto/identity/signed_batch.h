// SignedBatch: the plaintext of every age file that leaves a car (docs/formats.md), and the
// compression inside it. Valid Protobuf (proto/sudare/v1/batch.proto), written and read by hand:
// the writer pads to an exact size, the reader takes nothing that the writer doesn't make.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/bytes.h"
#include "crypto/identity/batch_signature.h"

namespace sudare {

// Purposes without pseudonym carry neither key nor signature; all others carry both.
struct BatchProof {
  Ed25519PublicKey public_key{};
  Signature signature{};
};

// The parts of a SignedBatch that was read. The view points into the bytes that were read.
struct SignedBatchView {
  ByteSpan compressed;
  std::optional<BatchProof> proof;
};

// --- Writing (the car)

// zstd, level 1 (a car has little CPU; records of one purpose repeat themselves so much that higher
// levels gain little), appended to `out`. kTooLarge past kBatchBytesMax.
Status compress_batch(ByteSpan batch, std::string& out);

// The same without compressing: one zstd frame of raw blocks (RFC 8878, sections 3.1.1.1 and
// 3.1.1.2.2), which every zstd reads. For what is compressed already, such as film: level 1 takes
// seven times as long, holds tables for it, and gains nothing (docs/performance.md). kTooLarge past
// kBatchBytesMax.
Status frame_batch(ByteSpan batch, std::string& out);

// The least size of a SignedBatch, with an empty padding field: what to round up, with padme_bytes
// or to the purpose's fixed size.
[[nodiscard]] std::size_t signed_batch_bytes(std::size_t compressed_bytes, bool has_proof);

// Appends a SignedBatch of exactly `total_bytes` bytes. kTooLarge where it doesn't fit.
Status write_signed_batch(ByteSpan compressed, const std::optional<BatchProof>& proof,
                          std::size_t total_bytes, std::string& out);

// --- Reading (the fleet)

// kUnsupported on another version, kMalformed on anything else that the writer doesn't make: fields
// missing, unknown, repeated or out of order, a key without signature, padding that isn't zero.
Result<SignedBatchView> read_signed_batch(ByteSpan plaintext);

// Appends the Batch inside. kTooLarge past kOpenedBytesMax, before memory is spent on it;
// kMalformed where it isn't exactly one zstd frame. Only after verification: a decompressor is a
// large target.
Status decompress_batch(ByteSpan compressed, std::string& batch);

// What was proven about an opened batch.
struct OpenedBatch {
  std::string batch;  // serialised sudare.v1.Batch
  std::optional<Ed25519PublicKey>
      public_key;  // whose signature verified; none where none is inside
};

// Reads, verifies, then decompresses. `purpose` is the recipient's own, not one from the wire.
Result<OpenedBatch> open_signed_batch(std::string_view purpose, ByteSpan plaintext);

}  // namespace sudare
