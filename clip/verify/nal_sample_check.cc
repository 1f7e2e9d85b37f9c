// Samples of H.264 and H.265: lengths of four bytes that add up; slices that name parameter sets
// that are there, parameter sets and recovery points; no padding behind a unit and no start code in
// one; at least one picture.
#include <algorithm>
#include <array>
#include <utility>

#include "clip/nal/nal_unit.h"
#include "clip/nal/parameter_sets.h"
#include "clip/nal/recovery_point.h"
#include "clip/verify/sample_check.h"

namespace sudare::clip {
namespace {

constexpr std::uint32_t kPrefix = 4;
constexpr std::uint8_t kNothing = 0xFF;

class NalSampleCheck final : public SampleCheck {
 public:
  NalSampleCheck(NalCodec codec, ParameterSetStore sets) : codec_(codec), sets_(std::move(sets)) {}

  void begin(std::uint32_t bytes, std::uint64_t /*seconds*/) override {
    left_in_sample_ = bytes;
    left_in_unit_ = 0;
    head_.clear();
    pictures_ = 0;
    in_unit_ = false;
    keys_.clear();
  }

  Verdict feed(Bytes bytes, std::uint64_t offset) override {
    while (!bytes.empty()) {
      const std::size_t before = bytes.size();
      if (!in_unit_) {
        if (auto found = take_prefix(bytes, offset)) return found;
      } else {
        const std::size_t count = std::min<std::size_t>(bytes.size(), left_in_unit_);
        if (auto found = take(bytes.first(count), offset)) return found;
        bytes = bytes.subspan(count);
        left_in_unit_ -= static_cast<std::uint32_t>(count);
        if (left_in_unit_ == 0) {
          if (auto found = end_unit(offset)) return found;
        }
      }
      offset += before - bytes.size();
    }
    return {};
  }

  Verdict end(std::uint64_t offset) override {
    if (in_unit_ || !head_.empty()) return finding("sample: ends inside a unit", offset);
    if (pictures_ == 0) return finding("sample: no picture", offset);
    return {};
  }

 private:
  static Finding finding(Literal what, std::uint64_t offset) {
    return {Reason::kNalUnit, what, offset};
  }

  Verdict take_prefix(Bytes& bytes, std::uint64_t offset) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), kPrefix - head_.size());
    append(head_, bytes.first(count));
    bytes = bytes.subspan(count);
    if (head_.size() < kPrefix) return {};
    left_in_unit_ = be32(head_, 0);
    head_.clear();
    if (left_in_sample_ < kPrefix || left_in_unit_ > left_in_sample_ - kPrefix) {
      return finding("sample: length of a unit", offset);
    }
    if (left_in_unit_ <= header_bytes(codec_)) return finding("sample: empty unit", offset);
    left_in_sample_ -= kPrefix + left_in_unit_;
    in_unit_ = true;
    kind_ = NalKind::kMalformed;
    last_.fill(kNothing);
    return {};
  }

  // Some bytes of a unit. The head decides what it is; then it is either gathered or passed
  // through.
  Verdict take(Bytes bytes, std::uint64_t offset) {
    if (kind_ == NalKind::kMalformed) {
      const std::size_t count = std::min(bytes.size(), header_bytes(codec_) - head_.size());
      append(head_, bytes.first(count));
      if (head_.size() < header_bytes(codec_)) return {};
      bytes = bytes.subspan(count);
      kind_ = kind_of(codec_, head_);
      if (kind_ == NalKind::kMalformed) return finding("unit: header", offset);
      if (kind_ == NalKind::kOther) return finding("unit: type that may not leave", offset);
      if (kind_ == NalKind::kPicture) {
        ++pictures_;
        remember(head_);
      } else if (left_in_unit_ > kSmallNalBytesMax) {
        return finding("unit: size", offset);
      }
    }
    if (kind_ != NalKind::kPicture) {
      append(head_, bytes);
      return {};
    }
    return pass(bytes, offset);
  }

  // Coded data: looks for start codes, over the border to the piece before too.
  Verdict pass(Bytes bytes, std::uint64_t offset) {
    if (bytes.empty()) return {};
    if (head_.size() < kSliceHeadBytes) {
      append(head_, bytes.first(std::min(bytes.size(), kSliceHeadBytes - head_.size())));
    }
    std::uint8_t seam[4];
    std::size_t count = 0;
    for (const std::uint8_t byte : {last_[1], last_[2]}) seam[count++] = byte;
    for (std::size_t i = 0; i < 2 && i < bytes.size(); ++i) seam[count++] = bytes[i];
    if (holds_start_code(Bytes(seam, count)) || holds_start_code(bytes)) {
      return finding("unit: start code inside", offset);
    }
    remember(bytes);
    return {};
  }

  void remember(Bytes bytes) {
    for (const std::uint8_t byte :
         bytes.subspan(bytes.size() - std::min<std::size_t>(3, bytes.size()))) {
      last_[0] = last_[1];
      last_[1] = last_[2];
      last_[2] = byte;
    }
  }

  Verdict end_unit(std::uint64_t offset) {
    in_unit_ = false;
    if (kind_ == NalKind::kPicture) {
      const bool decodable = sets_.can_decode(codec_, head_);
      head_.clear();
      keys_.clear();
      if (!decodable) return finding("unit: slice without its parameter sets", offset);
      return without_padding(last_).size() == last_.size()
                 ? Verdict()
                 : finding("unit: padding at its end", offset);
    }
    const bool clean = without_padding(head_).size() == head_.size() && !holds_start_code(head_);
    bool right = false;
    if (kind_ == NalKind::kSei) {
      const auto point = recovery_point_in(codec_, head_);
      right = point && sei_of(codec_, *point) == head_;
    } else {
      right = check_parameter_set(codec_, head_).has_value();
    }
    Verdict found;
    if (kind_ == NalKind::kSei) {
      if (!clean || !right) found = finding("unit: SEI other than a recovery point", offset);
    } else if (!clean || !right) {
      found = finding("unit: parameter set", offset);
    } else {
      found = add_set(offset);
    }
    head_.clear();
    return found;
  }

  Verdict add_set(std::uint64_t offset) {
    if (!sets_.add(codec_, head_)) return finding("unit: too many parameter sets", offset);
    const ParameterSetKey key = key_of(codec_, head_);
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) {
      return finding("unit: parameter set twice", offset);
    }
    keys_.push_back(key);
    return {};
  }

  NalCodec codec_;
  ParameterSetStore sets_;
  std::vector<ParameterSetKey> keys_;  // of the sample's sets since its last picture
  std::uint32_t left_in_sample_ = 0;   // behind the unit at hand
  std::uint32_t left_in_unit_ = 0;
  bool in_unit_ = false;
  NalKind kind_ = NalKind::kMalformed;  // of the unit at hand; kMalformed: not known yet
  std::uint32_t pictures_ = 0;
  Buffer head_;  // a prefix, a small unit, or the first bytes of a picture
  // The last bytes of the unit at hand; at first something that is no part of a start code.
  std::array<std::uint8_t, 3> last_{kNothing, kNothing, kNothing};
};

}  // namespace

std::unique_ptr<SampleCheck> nal_sample_check(Codec codec, ParameterSetStore sets) {
  return std::make_unique<NalSampleCheck>(codec == Codec::kH264 ? NalCodec::kH264 : NalCodec::kH265,
                                          std::move(sets));
}

}  // namespace sudare::clip
