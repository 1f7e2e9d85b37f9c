// Reads a SignedBatch, and decompresses what is inside it whether it verifies or not: a forger can
// sign with a key of their own. What was read must survive being written again.
#include <cstdlib>
#include <string>

#include "base/limits.h"
#include "crypto/identity/signed_batch.h"

using namespace sudare;

namespace {

void decompress(ByteSpan compressed) {
  std::string batch;
  if (decompress_batch(compressed, batch) && batch.size() > kOpenedBytesMax) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan input(data, size);
  decompress(input);
  (void)open_signed_batch("traffic", input);
  const auto read = read_signed_batch(input);
  if (!read) return 0;
  decompress(read->compressed);
  std::string written;
  const std::size_t total =
      signed_batch_bytes(read->compressed.size(), read->proof.has_value()) + size;
  if (!write_signed_batch(read->compressed, read->proof, total, written)) std::abort();
  const auto again = read_signed_batch(bytes_of(written));
  if (!again || text_of(again->compressed) != text_of(read->compressed)) std::abort();
  return 0;
}
