#include "clip/nal/hevc_syntax.h"
#include "clip/nal/vui.h"

#include <algorithm>

namespace sudare::clip {
namespace {

constexpr unsigned kProfileBits = 88;

void sub_layer_hrd(BitReader& bits, std::uint32_t cpb_count, bool sub_picture) {
  for (std::uint32_t i = 0; i < cpb_count && bits.ok(); ++i) {
    bits.ue();
    bits.ue();
    if (sub_picture) {
      bits.ue();
      bits.ue();
    }
    bits.flag();
  }
}

}  // namespace

void profile_tier_level(BitReader& bits, unsigned max_sub_layers_minus1, SequenceInfo* info) {
  for (unsigned i = 0; i < kProfileBits / 8 + 1; ++i) {
    const auto byte = static_cast<std::uint8_t>(bits.read(8));
    if (info != nullptr) info->profile_tier_level[i] = byte;
  }
  std::array<bool, 8> profile{};
  std::array<bool, 8> level{};
  for (unsigned i = 0; i < max_sub_layers_minus1; ++i) {
    profile[i] = bits.flag();
    level[i] = bits.flag();
  }
  if (max_sub_layers_minus1 > 0) bits.skip(2 * (8 - max_sub_layers_minus1));
  for (unsigned i = 0; i < max_sub_layers_minus1; ++i) {
    if (profile[i]) bits.skip(kProfileBits);
    if (level[i]) bits.skip(8);
  }
}

void h265_scaling_lists(BitReader& bits) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6 && bits.ok(); matrix += size == 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue(5);
        continue;
      }
      const unsigned count = std::min(64U, 1U << (4 + (size << 1)));
      if (size > 1) bits.se();
      for (unsigned i = 0; i < count; ++i) bits.se();
    }
  }
}

void ReferencePictureSets::read(BitReader& bits, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count && bits.ok(); ++i) {
    if (i > 0 && bits.flag()) {
      read_predicted(bits);
    } else {
      read_explicit(bits);
    }
  }
}

void ReferencePictureSets::read_explicit(BitReader& bits) {
  Set set;
  set.negative = bits.ue(kPicturesMax);
  set.total = set.negative + bits.ue(kPicturesMax);
  std::int32_t delta = 0;
  for (std::size_t i = 0; i < set.total; ++i) {
    if (i == set.negative) delta = 0;
    const auto step = static_cast<std::int32_t>(bits.ue(32767)) + 1;
    delta += i < set.negative ? -step : step;
    set.delta[i] = delta;
    bits.flag();
  }
  last_ = set;
}

// (7-61) and (7-62): the sets in the order in which a later one refers to their entries.
void ReferencePictureSets::read_predicted(BitReader& bits) {
  const bool minus = bits.flag();
  const auto magnitude = static_cast<std::int32_t>(bits.ue(32767)) + 1;
  const std::int32_t shift = minus ? -magnitude : magnitude;
  std::array<bool, 2 * kPicturesMax + 3> use{};
  for (std::size_t i = 0; i <= last_.total; ++i) use[i] = bits.flag() || bits.flag();
  Set set;
  const auto take = [&](std::size_t from, int sign) {
    const std::int32_t delta = (from == last_.total ? 0 : last_.delta[from]) + shift;
    if (!use[from] || delta * sign <= 0) return;
    if (set.total == 2 * kPicturesMax) return bits.fail();
    set.delta[set.total++] = delta;
  };
  for (std::size_t i = last_.total; i > last_.negative; --i) take(i - 1, -1);
  take(last_.total, -1);
  for (std::size_t i = 0; i < last_.negative; ++i) take(i, -1);
  set.negative = set.total;
  for (std::size_t i = last_.negative; i > 0; --i) take(i - 1, 1);
  take(last_.total, 1);
  for (std::size_t i = last_.negative; i < last_.total; ++i) take(i, 1);
  last_ = set;
}

// E.2.2
void HrdParameters::read(BitReader& bits, bool common, unsigned max_sub_layers_minus1) {
  if (common) {
    nal_ = bits.flag();
    vcl_ = bits.flag();
    if (nal_ || vcl_) {
      sub_picture_ = bits.flag();
      if (sub_picture_) bits.skip(19);
      bits.skip(8);
      if (sub_picture_) bits.skip(4);
      bits.skip(15);
    }
  }
  for (unsigned i = 0; i <= max_sub_layers_minus1 && bits.ok(); ++i) {
    const bool fixed_in_general = bits.flag();
    const bool fixed_in_sequence = fixed_in_general || bits.flag();
    bool low_delay = false;
    if (fixed_in_sequence) {
      bits.ue(2047);
    } else {
      low_delay = bits.flag();
    }
    const std::uint32_t cpb_count = low_delay ? 1 : bits.ue(31) + 1;
    if (nal_) sub_layer_hrd(bits, cpb_count, sub_picture_);
    if (vcl_) sub_layer_hrd(bits, cpb_count, sub_picture_);
  }
}

// E.2.1
void h265_vui_parameters(BitReader& bits, unsigned max_sub_layers_minus1) {
  read_vui_beginning(bits);
  bits.skip(3);
  if (bits.flag()) {  // default display window
    for (unsigned i = 0; i < 4; ++i) bits.ue();
  }
  if (bits.flag()) {  // timing
    bits.skip(64);
    if (bits.flag()) bits.ue();
    if (bits.flag()) HrdParameters().read(bits, true, max_sub_layers_minus1);
  }
  if (bits.flag()) {  // bitstream restriction
    bits.skip(3);
    for (unsigned i = 0; i < 5; ++i) bits.ue();
  }
}

}  // namespace sudare::clip
