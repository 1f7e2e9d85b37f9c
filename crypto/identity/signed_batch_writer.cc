#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/identity/signed_batch_wire.h"

namespace sudare {
namespace {

constexpr int kLevel = 1;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

constexpr std::size_t varint_bytes(std::size_t value) {
  std::size_t count = 1;
  for (; value >= 0x80; value >>= 7) ++count;
  return count;
}

// In exactly `count` bytes: a varint may be longer than it needs to be.
void append_varint(std::string& out, std::size_t value, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i, value >>= 7) {
    out += static_cast<char>((value & 0x7f) | 0x80);
  }
  out += static_cast<char>(value);
}

constexpr std::size_t field_bytes(std::size_t length) { return 1 + varint_bytes(length) + length; }

void append_field(std::string& out, std::uint8_t tag, ByteSpan bytes) {
  out += static_cast<char>(tag);
  append_varint(out, bytes.size(), varint_bytes(bytes.size()));
  append(out, bytes);
}

// The padding field in exactly `total` bytes, at least 2. Sizes at which the length no longer fits
// its bytes, such as 130, are reached with one byte of length more than needed.
void append_padding(std::string& out, std::size_t total) {
  std::size_t length_bytes = 1;
  while (varint_bytes(total - 1 - length_bytes) > length_bytes) ++length_bytes;
  const std::size_t length = total - 1 - length_bytes;
  out += static_cast<char>(kPaddingTag);
  append_varint(out, length, length_bytes);
  out.append(length, '\0');
}

}  // namespace

Status compress_batch(ByteSpan batch, std::string& out) {
  if (batch.size() > kBatchBytesMax) {
    return fail(ErrorCode::kTooLarge, "batch: too large to compress",
                static_cast<std::int64_t>(batch.size()));
  }
  // One context per thread: making one costs more than compressing a small batch. It holds some of
  // the last batch's plaintext, as the heap of this process does anyway.
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  const std::size_t start = out.size();
  const MutableByteSpan room = grow(out, ZSTD_compressBound(batch.size()));
  const std::size_t written = ZSTD_compressCCtx(context.get(), room.data(), room.size(),
                                                batch.data(), batch.size(), kLevel);
  if (ZSTD_isError(written) != 0) {
    out.resize(start);
    return fail(ErrorCode::kInternal, "batch: zstd does not compress");
  }
  out.resize(start + written);
  return Done{};
}

Status frame_batch(ByteSpan batch, std::string& out) {
  if (batch.size() > kBatchBytesMax) {
    return fail(ErrorCode::kTooLarge, "batch: too large to frame",
                static_cast<std::int64_t>(batch.size()));
  }
  constexpr std::size_t kBlockBytesMax = 128 * 1024;
  constexpr std::size_t kHeadBytes = 9;
  constexpr std::size_t kBlockHeadBytes = 3;
  out.reserve(out.size() + kHeadBytes + batch.size() +
              kBlockHeadBytes * (batch.size() / kBlockBytesMax + 1));
  const auto append_little_endian = [&out](std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
  };
  append_little_endian(0xfd2fb528, 4);  // Magic_Number
  out += '\xa0';                        // Frame_Content_Size of 4 bytes, Single_Segment
  append_little_endian(batch.size(), 4);
  do {
    const ByteSpan block = batch.first(std::min(batch.size(), kBlockBytesMax));
    batch = batch.subspan(block.size());
    append_little_endian(block.size() << 3 | (batch.empty() ? 1 : 0), 3);  // Raw_Block; the last
    append(out, block);
  } while (!batch.empty());
  return Done{};
}

std::size_t signed_batch_bytes(std::size_t compressed_bytes, bool has_proof) {
  const std::size_t proof =
      has_proof ? field_bytes(kEd25519PublicKeyBytes) + field_bytes(kSignatureBytes) : 0;
  return kVersionField.size() + field_bytes(compressed_bytes) + proof + field_bytes(0);
}

Status write_signed_batch(ByteSpan compressed, const std::optional<BatchProof>& proof,
                          std::size_t total_bytes, std::string& out) {
  const std::size_t least = signed_batch_bytes(compressed.size(), proof.has_value());
  if (total_bytes < least) {
    return fail(ErrorCode::kTooLarge, "batch: larger than its size class",
                static_cast<std::int64_t>(least));
  }
  out.reserve(out.size() + total_bytes);
  append(out, kVersionField);
  append_field(out, kCompressedTag, compressed);
  if (proof) {
    append_field(out, kPublicKeyTag, proof->public_key);
    append_field(out, kSignatureTag, proof->signature);
  }
  append_padding(out, total_bytes - least + field_bytes(0));
  return Done{};
}

}  // namespace sudare
