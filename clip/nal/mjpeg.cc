#include "clip/nal/mjpeg.h"

#include <cstring>

#include "clip/nal/jpeg_marker.h"

namespace sudare::clip {
namespace {

using jpeg::Use;

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

// A segment that is kept.
struct Piece {
  std::uint8_t marker;
  Bytes content;  // behind the length
  Bytes coded;    // behind that, of a scan
};

class Rebuild {
 public:
  Rebuild(Bytes sample, Buffer& out) : sample_(sample), out_(out) {}

  // One picture from its SOI on.
  Status picture() {
    at_ += 2;
    pieces_.clear();
    rules_ = {};
    bool coded = false;
    for (;;) {
      const std::size_t code = next_marker(sample_, at_);
      if (code >= sample_.size() || sample_[code] == jpeg::kEoi) {
        if (!coded) return fail(ErrorCode::kMalformed, "jpeg: no coded data");
        at_ = code >= sample_.size() ? sample_.size() : code + 1;
        return write();
      }
      coded = coded || sample_[code] == jpeg::kSos;
      TRY(segment(code));
    }
  }

  // A second field may be aligned with zeros.
  void pass_zeros() {
    while (at_ < sample_.size() && sample_[at_] == 0) ++at_;
  }

  [[nodiscard]] bool at_picture() const {
    return sample_.size() - at_ >= 2 && sample_[at_] == 0xFF && sample_[at_ + 1] == jpeg::kSoi;
  }
  // Of the last picture.
  [[nodiscard]] const jpeg::PictureRules& rules() const { return rules_; }

 private:
  // One segment whose marker's code stands at `code`; leaves at_ behind it, and behind its coded
  // data.
  Status segment(std::size_t code) {
    const std::uint8_t marker = sample_[code];
    if (sample_.size() - code < 3) return fail(ErrorCode::kMalformed, "jpeg: segment length");
    const std::size_t length = be16(sample_, code + 1);
    if (length < 2 || length > sample_.size() - code - 1) {
      return fail(ErrorCode::kMalformed, "jpeg: segment length");
    }
    const Bytes content = sample_.subspan(code + 3, length - 2);
    at_ = code + 1 + length;
    switch (jpeg::use_of(marker)) {
      case Use::kDrop: return Done{};
      case Use::kRefuse: return fail(ErrorCode::kUnsupported, "jpeg: kind of segment");
      case Use::kRewrite:
        if (jpeg::short_form(marker, content).empty()) return Done{};
        break;
      case Use::kKeep:
        if (!jpeg::adds_up(marker, content)) {
          return fail(ErrorCode::kMalformed, "jpeg: segment content");
        }
    }
    Piece piece{marker, content, {}};
    if (marker == jpeg::kSos) {
      const std::size_t end = coded_end(sample_, at_);
      piece.coded = sample_.subspan(at_, end - at_);
      at_ = end;
    }
    return keep(piece);
  }

  Status keep(const Piece& piece) {
    using Finding = jpeg::PictureRules::Finding;
    if (piece.marker != jpeg::kDqt && piece.marker != jpeg::kDht) {
      switch (rules_.take(piece.marker, piece.content)) {
        case Finding::kNone: break;
        case Finding::kTwice: return Done{};  // the first one stays
        case Finding::kFrameTwice:
        case Finding::kNoFrame:
        case Finding::kScans: return fail(ErrorCode::kMalformed, "jpeg: frames and scans");
      }
    }
    pieces_.push_back(piece);
    return Done{};
  }

  // Now it is known which tables are named.
  Status write() {
    out_.insert(out_.end(), {0xFF, jpeg::kSoi});
    jpeg::PictureRules defined = rules_;
    for (const Piece& piece : pieces_) {
      if (piece.marker == jpeg::kDqt || piece.marker == jpeg::kDht) {
        TRY(write_tables(piece, defined));
      } else if (jpeg::use_of(piece.marker) == Use::kRewrite) {
        append(out_, jpeg::short_form(piece.marker, piece.content));
      } else {
        write_segment(piece.marker, piece.content);
      }
      if (piece.marker != jpeg::kSos) continue;
      put_coded(piece.coded, out_);
      defined.next_scan();
    }
    out_.insert(out_.end(), {0xFF, jpeg::kEoi});
    return Done{};
  }

  Status write_tables(const Piece& piece, jpeg::PictureRules& defined) {
    Buffer kept;
    for (const jpeg::Table& table : jpeg::tables_in(piece.marker, piece.content)) {
      if (!rules_.names(piece.marker, table.bit)) continue;
      if (!defined.define(piece.marker, table.bit)) {
        return fail(ErrorCode::kMalformed, "jpeg: a table twice");
      }
      append(kept, table.bytes);
    }
    if (!kept.empty()) write_segment(piece.marker, kept);
    return Done{};
  }

  void write_segment(std::uint8_t marker, Bytes content) {
    out_.insert(out_.end(), {0xFF, marker});
    put16(out_, content.size() + 2);
    append(out_, content);
  }

  Bytes sample_;
  Buffer& out_;
  std::size_t at_ = 0;
  std::vector<Piece> pieces_;
  jpeg::PictureRules rules_;
};

}  // namespace

Status filter_mjpeg(Bytes sample, std::uint32_t container_height, Buffer& out) {
  out.clear();
  Rebuild rebuild(sample, out);
  if (!rebuild.at_picture()) return fail(ErrorCode::kMalformed, "jpeg: no SOI");
  TRY(rebuild.picture());
  if (!jpeg::is_field(rebuild.rules(), container_height)) return Done{};
  rebuild.pass_zeros();
  if (!rebuild.at_picture()) return Done{};
  return rebuild.picture();
}

}  // namespace sudare::clip
