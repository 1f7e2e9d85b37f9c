// Opens an age file in one piece and in pieces, and inspects it: they must agree. The first byte
// chooses the size of the pieces.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "crypto/open/inspect.h"
#include "crypto/open/open.h"
#include "tests/fuzz/crypto/fuzz_identity.h"

using namespace sudare;
using namespace sudare::age::open_side;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

Status open_in_pieces(const std::vector<Identity>& identities, ByteSpan file, std::size_t piece,
                      std::string& out) {
  OpenStream stream(identities);
  while (!file.empty()) {
    const std::size_t count = std::min(piece, file.size());
    const Status pushed = stream.push(file.first(count), out);
    if (!pushed) return pushed;
    file = file.subspan(count);
  }
  return stream.finish(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Identity>& identities = *[] {
    auto* made = new std::vector<Identity>;
    made->push_back(fuzz_identity());
    return made;
  }();
  if (size == 0) return 0;
  const ByteSpan file(data + 1, size - 1);
  std::string whole;
  std::string pieces;
  const Status opened = open(identities, file, whole);
  const Status opened_in_pieces = open_in_pieces(identities, file, data[0] + 1U, pieces);
  require(opened.has_value() == opened_in_pieces.has_value());
  const auto info = inspect(file, file.size());
  if (opened) {
    require(whole == pieces);
    require(info.has_value() && info->plaintext_bytes == whole.size());
  } else {
    require(whole.empty());
    require(open_failure(opened.error()) == open_failure(opened_in_pieces.error()));
  }
  return 0;
}
