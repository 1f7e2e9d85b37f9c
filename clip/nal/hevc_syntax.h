// The pieces that H.265's parameter sets share (7.3.3, 7.3.4, 7.3.7, annex E).
#pragma once

#include <array>
#include <cstdint>

#include "clip/nal/bit_reader.h"
#include "clip/nal/parameter_sets.h"

namespace sudare::clip {

// profile_tier_level(1, max_sub_layers_minus1); the general part into `info` where one is given.
void profile_tier_level(BitReader& bits, unsigned max_sub_layers_minus1, SequenceInfo* info);

void h265_scaling_lists(BitReader& bits);

// Reference picture sets, each of which may be coded as a change of the one before it.
class ReferencePictureSets {
 public:
  // st_ref_pic_set(index) for index in 0 to count - 1, within a sequence parameter set.
  void read(BitReader& bits, std::uint32_t count);

 private:
  static constexpr std::size_t kPicturesMax = 16;  // each way: MaxDpbSize
  struct Set {
    std::array<std::int32_t, 2 * kPicturesMax + 2> delta{};  // negative ones, then positive ones
    std::size_t negative = 0;
    std::size_t total = 0;
  };
  void read_predicted(BitReader& bits);
  void read_explicit(BitReader& bits);

  Set last_;
};

// hrd_parameters: what stands in the first one of a parameter set holds for those that follow.
class HrdParameters {
 public:
  void read(BitReader& bits, bool common, unsigned max_sub_layers_minus1);

 private:
  bool nal_ = false;
  bool vcl_ = false;
  bool sub_picture_ = false;
};

void h265_vui_parameters(BitReader& bits, unsigned max_sub_layers_minus1);

}  // namespace sudare::clip
