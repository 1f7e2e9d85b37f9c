// Samples of MPEG-4 part 2: headers as clip/nal writes them, at most one group of VOPs whose time
// code counts from the clip's start, and one VOP; no user data, nothing behind the VOP.
#include <algorithm>

#include "clip/nal/mpeg4_parts.h"
#include "clip/verify/sample_check.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kStartCode = 4;
// Quantiser matrices make the longest header: 128 bytes.
constexpr std::size_t kHeaderBytesMax = 512;

class Mpeg4SampleCheck final : public SampleCheck {
 public:
  explicit Mpeg4SampleCheck(bool sketch) : sketch_(sketch) {}

  void begin(std::uint32_t /*bytes*/, std::uint64_t seconds) override {
    seconds_ = seconds;
    in_vop_ = false;
    zeros_ = 0;
    one_ = false;
    header_.clear();
    once_ = {};
  }

  Verdict feed(Bytes bytes, std::uint64_t offset) override {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (in_vop_) return pass(bytes.subspan(i), offset + i);
      header_.push_back(bytes[i]);
      if (auto found = take_header(offset + i)) return found;
    }
    return {};
  }

  Verdict end(std::uint64_t offset) override {
    if (!in_vop_) return finding("sample: no VOP", offset);
    // The VOP has a last byte other than zero, behind its start code.
    if (zeros_ > 0 || one_ || vop_bytes_ == 0) return finding("sample: padding", offset);
    return {};
  }

 private:
  static Finding finding(Literal what, std::uint64_t offset) {
    return {Reason::kVideoData, what, offset};
  }

  [[nodiscard]] bool starts_part(std::size_t at) const {
    return header_[at] == 0 && header_[at + 1] == 0 && header_[at + 2] == 1;
  }

  // A byte was added to header_. Once it ends with the next start code, what stands before that is
  // a whole part.
  Verdict take_header(std::uint64_t offset) {
    const std::size_t size = header_.size();
    if (size > kHeaderBytesMax) return finding("sample: length of a header", offset);
    if (size < kStartCode) return {};
    const std::size_t next = size - kStartCode;
    if (!starts_part(next)) {
      return size == kStartCode ? Verdict(finding("sample: no start code", offset)) : Verdict();
    }
    if (next > 0) {
      if (auto found = check_part(Bytes(header_).first(next), offset)) return found;
      header_.erase(header_.begin(), header_.begin() + static_cast<std::ptrdiff_t>(next));
    }
    if (mpeg4_part(header_[3]) == Mpeg4Part::kVop) {
      in_vop_ = true;
      vop_bytes_ = 0;
      header_.clear();
    }
    return {};
  }

  Verdict check_part(Bytes part, std::uint64_t offset) {
    if (!once_.take(mpeg4_part(part[3]))) return finding("sample: a header twice", offset);
    bool right = false;
    switch (mpeg4_part(part[3])) {
      case Mpeg4Part::kVideoObject: right = part.size() == kStartCode; break;
      case Mpeg4Part::kSequence: right = part.size() == kStartCode + 1; break;
      case Mpeg4Part::kVisualObject: {
        const auto rebuilt = rebuild_visual_object(part);
        right = rebuilt && same(*rebuilt, part);
        break;
      }
      case Mpeg4Part::kVideoObjectLayer: {
        const auto rebuilt = rebuild_video_object_layer(part);
        right = rebuilt && same(rebuilt->bytes, part);
        if (right && sketch_ &&
            (rebuilt->width > kSketchWidthMax || rebuilt->height > kSketchHeightMax)) {
          return finding("sample: size of a sketch", offset);
        }
        break;
      }
      case Mpeg4Part::kGroupOfVops: {
        const auto group = parse_group_of_vops(part);
        right = group && same(group_of_vops(*group), part);
        if (right && group->seconds > seconds_ + kTimeCodeSlackSeconds) {
          return finding("sample: time code", offset);
        }
        break;
      }
      case Mpeg4Part::kUserData: return finding("sample: user data", offset);
      default: break;
    }
    return right ? Verdict() : finding("sample: a part that may not leave", offset);
  }

  static bool same(const Buffer& a, Bytes b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

  // Bytes of the VOP: no further start code.
  Verdict pass(Bytes bytes, std::uint64_t offset) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (one_) return finding("sample: a part behind the VOP", offset + i);
      if (bytes[i] == 0) {
        ++zeros_;
        continue;
      }
      one_ = zeros_ >= 2 && bytes[i] == 1;
      zeros_ = 0;
    }
    vop_bytes_ += bytes.size();
    return {};
  }

  bool sketch_;
  std::uint64_t seconds_ = 0;
  bool in_vop_ = false;
  std::uint64_t vop_bytes_ = 0;
  std::uint64_t zeros_ = 0;  // at the end of what was fed
  bool one_ = false;         // … where 00 00 01 stands there
  Mpeg4Once once_;
  Buffer header_;  // the part at hand
};

}  // namespace

std::unique_ptr<SampleCheck> mpeg4_sample_check(bool sketch) {
  return std::make_unique<Mpeg4SampleCheck>(sketch);
}

std::unique_ptr<SampleCheck> sample_check_for(const Track& track, const VerifyRules& rules) {
  switch (track.codec) {
    case Codec::kH264:
    case Codec::kH265: return nal_sample_check(track.codec, track.sets);
    case Codec::kMpeg4: return mpeg4_sample_check(rules.profile == Profile::kSketch);
    case Codec::kMjpeg: return jpeg_sample_check(track.height);
    default: return nullptr;
  }
}

}  // namespace sudare::clip
