#include "clip/nal/mjpeg.h"

#include <cstring>

#include "clip/nal/jpeg_marker.h"

namespace sudare::clip {
namespace {

using jpeg::Use;

// Two fields; more pictures in a sample are not Motion JPEG.
constexpr unsigned kPicturesMax = 2;

// Where the next marker's code byte stands, from `at`: fill bytes (FF) and whatever else stands
// before it are passed over. The size where there is none.
std::size_t next_marker(Bytes sample, std::size_t at) {
  while (at < sample.size()) {
    const void* found = std::memchr(sample.data() + at, 0xFF, sample.size() - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - sample.data());
    while (at < sample.size() && sample[at] == 0xFF) ++at;
    if (at < sample.size() && sample[at] != 0) return at;
  }
  return sample.size();
}

// Where coded data that begin at `at` end: at a marker other than RSTn, or with the sample.
std::size_t coded_end(Bytes sample, std::size_t at) {
  for (std::size_t code = next_marker(sample, at); code < sample.size();
       code = next_marker(sample, code + 1)) {
    if (sample[code] < jpeg::kRst0 || sample[code] > jpeg::kRst7) {
      while (code > at && sample[code - 1] == 0xFF) --code;  // fill bytes too
      return code;
    }
  }
  return sample.size();
}

// Coded data without a half marker at their end.
void put_coded(Bytes coded, Buffer& out) {
  while (!coded.empty() && coded.back() == 0xFF) coded = coded.first(coded.size() - 1);
  append(out, coded);
}

struct Rebuild {
  Bytes sample;
  Buffer& out;
  std::size_t at = 0;

  // One segment whose marker's code stands at `code`; leaves `at` behind it, and behind its coded
  // data.
  Status segment(std::size_t code) {
    const std::uint8_t marker = sample[code];
    if (sample.size() - code < 3) return fail(ErrorCode::kMalformed, "jpeg: segment length");
    const std::size_t length = be16(sample, code + 1);
    if (length < 2 || length > sample.size() - code - 1) {
      return fail(ErrorCode::kMalformed, "jpeg: segment length");
    }
    const Bytes content = sample.subspan(code + 3, length - 2);
    at = code + 1 + length;
    switch (jpeg::use_of(marker)) {
      case Use::kDrop: return Done{};
      case Use::kRefuse: return fail(ErrorCode::kUnsupported, "jpeg: kind of segment");
      case Use::kRewrite: append(out, jpeg::short_form(marker, content)); return Done{};
      case Use::kKeep: break;
    }
    if (!jpeg::adds_up(marker, content))
      return fail(ErrorCode::kMalformed, "jpeg: segment content");
    out.push_back(0xFF);
    append(out, sample.subspan(code, 1 + length));
    if (marker != jpeg::kSos) return Done{};
    const std::size_t end = coded_end(sample, at);
    put_coded(sample.subspan(at, end - at), out);
    at = end;
    return Done{};
  }

  // One picture from its SOI at `at`.
  Status picture() {
    out.insert(out.end(), {0xFF, jpeg::kSoi});
    at += 2;
    bool coded = false;
    for (;;) {
      const std::size_t code = next_marker(sample, at);
      const bool end = code >= sample.size() || sample[code] == jpeg::kEoi;
      if (end) {
        if (!coded) return fail(ErrorCode::kMalformed, "jpeg: no coded data");
        out.insert(out.end(), {0xFF, jpeg::kEoi});
        at = code >= sample.size() ? sample.size() : code + 1;
        return Done{};
      }
      coded = coded || sample[code] == jpeg::kSos;
      TRY(segment(code));
    }
  }

  // A second field may be aligned with zeros.
  void pass_zeros() {
    while (at < sample.size() && sample[at] == 0) ++at;
  }

  [[nodiscard]] bool at_picture() const {
    return sample.size() - at >= 2 && sample[at] == 0xFF && sample[at + 1] == jpeg::kSoi;
  }
};

}  // namespace

Status filter_mjpeg(Bytes sample, Buffer& out) {
  out.clear();
  Rebuild rebuild{sample, out};
  if (!rebuild.at_picture()) return fail(ErrorCode::kMalformed, "jpeg: no SOI");
  for (unsigned pictures = 0; pictures < kPicturesMax && rebuild.at_picture(); ++pictures) {
    TRY(rebuild.picture());
    rebuild.pass_zeros();
  }
  return Done{};
}

}  // namespace sudare::clip
