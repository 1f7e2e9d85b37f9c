#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/identity/signed_batch_wire.h"

namespace sudare {
namespace {

// A length takes at most this many bytes: sizes stay under 2^32.
constexpr int kLengthBytesMax = 5;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

tl::unexpected<Error> malformed(Literal what) { return fail(ErrorCode::kMalformed, what); }

// The next field, if it has this tag. Takes it off the front of `rest`.
Result<std::optional<ByteSpan>> take_field(std::uint8_t tag, ByteSpan& rest) {
  if (rest.empty() || rest.front() != tag) return std::optional<ByteSpan>();
  std::uint64_t length = 0;
  for (int i = 0; i < kLengthBytesMax; ++i) {
    rest = rest.subspan(1);
    if (rest.empty()) break;
    length |= static_cast<std::uint64_t>(rest.front() & 0x7f) << (7 * i);
    if (rest.front() >= 0x80) continue;
    rest = rest.subspan(1);
    if (length > rest.size()) break;
    const ByteSpan value = rest.first(static_cast<std::size_t>(length));
    rest = rest.subspan(value.size());
    return std::optional<ByteSpan>(value);
  }
  return malformed("signed batch: length of a field");
}

template <std::size_t N>
bool copy_exactly(const std::optional<ByteSpan>& from, std::array<std::uint8_t, N>& to) {
  if (!from || from->size() != N) return false;
  std::copy(from->begin(), from->end(), to.begin());
  return true;
}

}  // namespace

Result<SignedBatchView> read_signed_batch(ByteSpan plaintext) {
  if (plaintext.size() < kVersionField.size() || plaintext[0] != kVersionTag) {
    return malformed("signed batch: no version");
  }
  if (plaintext[1] != kSignedBatchVersion) {
    return fail(ErrorCode::kUnsupported, "signed batch: version", plaintext[1]);
  }
  ByteSpan rest = plaintext.subspan(kVersionField.size());
  TRY(const std::optional<ByteSpan> compressed, take_field(kCompressedTag, rest));
  TRY(const std::optional<ByteSpan> public_key, take_field(kPublicKeyTag, rest));
  TRY(const std::optional<ByteSpan> signature, take_field(kSignatureTag, rest));
  TRY(const std::optional<ByteSpan> padding, take_field(kPaddingTag, rest));
  if (!rest.empty()) return malformed("signed batch: unexpected field");
  if (!compressed) return malformed("signed batch: no compressed batch");
  if (padding &&
      std::any_of(padding->begin(), padding->end(), [](std::uint8_t byte) { return byte != 0; })) {
    return malformed("signed batch: padding is not zero");
  }
  SignedBatchView view;
  view.compressed = *compressed;
  if (public_key || signature) {
    view.proof.emplace();
    if (!copy_exactly(public_key, view.proof->public_key) ||
        !copy_exactly(signature, view.proof->signature)) {
      return malformed("signed batch: key or signature");
    }
  }
  return view;
}

Status decompress_batch(ByteSpan compressed, std::string& batch) {
  // The writer always states the size. It is checked before memory is spent, and zstd fails where
  // the content is longer than the room for it.
  const unsigned long long stated = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (stated == ZSTD_CONTENTSIZE_ERROR || stated == ZSTD_CONTENTSIZE_UNKNOWN) {
    return malformed("batch: not a zstd frame that states its size");
  }
  if (stated > kOpenedBytesMax) {
    return fail(ErrorCode::kTooLarge, "batch: decompressed size", kOpenedBytesMax);
  }
  if (ZSTD_findFrameCompressedSize(compressed.data(), compressed.size()) != compressed.size()) {
    return malformed("batch: not one whole zstd frame");
  }
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  const std::size_t start = batch.size();
  const MutableByteSpan room = grow(batch, static_cast<std::size_t>(stated));
  const std::size_t written = ZSTD_decompressDCtx(context.get(), room.data(), room.size(),
                                                  compressed.data(), compressed.size());
  if (ZSTD_isError(written) != 0 || written != stated) {
    batch.resize(start);
    return malformed("batch: zstd does not decompress it");
  }
  return Done{};
}

Result<OpenedBatch> open_signed_batch(std::string_view purpose, ByteSpan plaintext) {
  TRY(const SignedBatchView view, read_signed_batch(plaintext));
  OpenedBatch opened;
  if (view.proof) {
    TRY(verify_batch(view.proof->public_key, purpose, view.compressed, view.proof->signature));
    opened.public_key = view.proof->public_key;
  }
  TRY(decompress_batch(view.compressed, opened.batch));
  return opened;
}

}  // namespace sudare
