// Samples of Motion JPEG: one picture or two fields, of nothing but the segments that clip/nal
// keeps; APP0 and APP14 only as it writes them; nothing behind the last EOI.
#include <algorithm>
#include <cstring>

#include "clip/nal/jpeg_marker.h"
#include "clip/verify/sample_check.h"

namespace sudare::clip {
namespace {

constexpr unsigned kPicturesMax = 2;

class JpegSampleCheck final : public SampleCheck {
 public:
  explicit JpegSampleCheck(std::uint32_t height) : height_(height) {}

  void begin(std::uint32_t /*bytes*/, std::uint64_t /*seconds*/) override {
    state_ = State::kStart;
    segment_.clear();
    pictures_ = 0;
    marker_ = false;
  }

  Verdict feed(Bytes bytes, std::uint64_t offset) override {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (state_ == State::kCoded && !marker_) {
        // Most of the bytes: on to the next FF.
        const void* next = std::memchr(bytes.data() + i, 0xFF, bytes.size() - i);
        if (next == nullptr) return {};
        i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(next) - bytes.data());
      }
      if (auto found = take(bytes[i], offset + i)) return found;
    }
    return {};
  }

  Verdict end(std::uint64_t offset) override {
    if (state_ == State::kStart && pictures_ > 0 && segment_.empty()) return {};
    return finding("sample: JPEG without an end", offset);
  }

 private:
  enum class State { kStart, kSegments, kCoded };

  static Finding finding(Literal what, std::uint64_t offset) {
    return {Reason::kVideoData, what, offset};
  }

  Verdict take(std::uint8_t byte, std::uint64_t offset) {
    switch (state_) {
      case State::kStart: return take_start(byte, offset);
      case State::kSegments: return take_segment(byte, offset);
      case State::kCoded: return take_coded(byte, offset);
    }
    return {};
  }

  Verdict take_start(std::uint8_t byte, std::uint64_t offset) {
    segment_.push_back(byte);
    if (pictures_ == kPicturesMax || segment_[0] != 0xFF) {
      return finding("sample: bytes behind a JPEG", offset);
    }
    if (segment_.size() < 2) return {};
    if (segment_[1] != jpeg::kSoi) return finding("sample: no JPEG", offset);
    if (pictures_ > 0 && !jpeg::is_field(rules_, height_)) {
      return finding("sample: a second picture that is no field", offset);
    }
    segment_.clear();
    rules_ = {};
    coded_ = false;
    state_ = State::kSegments;
    return {};
  }

  Verdict take_segment(std::uint8_t byte, std::uint64_t offset) {
    segment_.push_back(byte);
    if (segment_[0] != 0xFF) return finding("sample: bytes between segments", offset);
    if (segment_.size() < 2) return {};
    const std::uint8_t marker = segment_[1];
    if (marker == jpeg::kEoi) {
      if (!coded_) return finding("sample: JPEG without coded data", offset);
      if (!rules_.all_named()) return finding("sample: a table that no scan names", offset);
      ++pictures_;
      segment_.clear();
      state_ = State::kStart;
      return {};
    }
    const jpeg::Use use = jpeg::use_of(marker);
    if (use == jpeg::Use::kDrop || use == jpeg::Use::kRefuse) {
      return finding("sample: kind of a segment", offset);
    }
    if (segment_.size() < 4) return {};
    const std::size_t length = be16(segment_, 2);
    if (length < 2) return finding("sample: length of a segment", offset);
    if (segment_.size() < 2 + length) return {};
    const Bytes content = Bytes(segment_).subspan(4);
    const bool right = use == jpeg::Use::kRewrite ? jpeg::short_form(marker, content) == segment_
                                                  : jpeg::adds_up(marker, content);
    if (!right) return finding("sample: content of a segment", offset);
    if (auto found = check_rules(marker, content, offset)) return found;
    segment_.clear();
    if (marker == jpeg::kSos) {
      coded_ = true;
      marker_ = false;
      state_ = State::kCoded;
    }
    return {};
  }

  Verdict check_rules(std::uint8_t marker, Bytes content, std::uint64_t offset) {
    if (marker == jpeg::kDqt || marker == jpeg::kDht) {
      for (const jpeg::Table& table : jpeg::tables_in(marker, content)) {
        if (!rules_.define(marker, table.bit)) return finding("sample: a table twice", offset);
      }
      return {};
    }
    switch (rules_.take(marker, content)) {
      case jpeg::PictureRules::Finding::kNone: return {};
      case jpeg::PictureRules::Finding::kTwice: return finding("sample: a header twice", offset);
      case jpeg::PictureRules::Finding::kFrameTwice:
        return finding("sample: a second frame header", offset);
      case jpeg::PictureRules::Finding::kNoFrame:
      case jpeg::PictureRules::Finding::kScans: break;
    }
    return finding("sample: a scan too many", offset);
  }

  // FF 00 is a coded FF, FF FF a fill byte, FF D0–D7 a restart; any other marker begins a segment.
  Verdict take_coded(std::uint8_t byte, std::uint64_t offset) {
    if (!marker_) {
      marker_ = byte == 0xFF;
      return {};
    }
    if (byte == 0xFF) return {};
    marker_ = false;
    if (byte == 0 || (byte >= jpeg::kRst0 && byte <= jpeg::kRst7)) return {};
    state_ = State::kSegments;
    segment_ = {0xFF};
    return take_segment(byte, offset);
  }

  std::uint32_t height_;  // of the sample entry
  State state_ = State::kStart;
  jpeg::PictureRules rules_;  // of the picture at hand, or the last one
  Buffer segment_;            // the segment at hand, from its FF on; at most 65,537 bytes
  unsigned pictures_ = 0;
  bool coded_ = false;   // the picture at hand has coded data
  bool marker_ = false;  // the last coded byte was FF
};

}  // namespace

std::unique_ptr<SampleCheck> jpeg_sample_check(std::uint32_t height) {
  return std::make_unique<JpegSampleCheck>(height);
}

}  // namespace sudare::clip
