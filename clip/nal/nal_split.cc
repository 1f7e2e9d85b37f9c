#include "clip/nal/nal_split.h"

#include <cstring>

namespace sudare::clip {
namespace {

// Where 00 00 01 begins; the size where there is none.
std::size_t start_code(Bytes bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= 3) {
    const void* one = std::memchr(bytes.data() + at + 2, 1, bytes.size() - at - 2);
    if (one == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data()) - 2;
    if (bytes[at] == 0 && bytes[at + 1] == 0) return at;
    ++at;
  }
  return bytes.size();
}

}  // namespace

NalSplit::NalSplit(NalForm form, Bytes sample) : form_(form), rest_(sample) {
  if (form != NalForm::kAnnexB || sample.empty()) return;
  const std::size_t first = start_code(sample);
  // Only zeros may stand before the first start code.
  for (std::size_t i = 0; i < first; ++i) ok_ = ok_ && sample[i] == 0;
  rest_ = ok_ && first < sample.size() ? sample.subspan(first + 3) : Bytes();
}

std::optional<Bytes> NalSplit::next() {
  while (ok_ && !rest_.empty()) {
    const auto nal = form_ == NalForm::kAnnexB ? next_annexb() : next_prefixed();
    if (!nal || !nal->empty()) return nal;
  }
  return {};
}

std::optional<Bytes> NalSplit::next_annexb() {
  const std::size_t end = start_code(rest_);
  const Bytes nal = rest_.first(end);
  rest_ = end < rest_.size() ? rest_.subspan(end + 3) : Bytes();
  return nal;
}

std::optional<Bytes> NalSplit::next_prefixed() {
  const auto prefix = static_cast<std::size_t>(form_);
  if (rest_.size() < prefix) {
    ok_ = false;
    return {};
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < prefix; ++i) length = length << 8 | rest_[i];
  if (length > rest_.size() - prefix) {
    ok_ = false;
    return {};
  }
  const Bytes nal = rest_.subspan(prefix, length);
  rest_ = rest_.subspan(prefix + length);
  return nal;
}

}  // namespace sudare::clip
