// The parameter sets that a clip has had so far, and whether a slice names some of them. What names
// none is passed over by decoders unread, so that anything would fit in there.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/nal/nal_unit.h"

namespace sudare::clip {

// Different ones in a clip: what a set says that no picture shows (its aspect ratio, its clock) is
// bounded by them. A recorder has one of each kind, or one for each of its few modes.
inline constexpr std::size_t kSequenceSetsMax = 4;  // also of H.265's video parameter sets
inline constexpr std::size_t kPictureSetsMax = 16;
// Of one; real ones are below 300 bytes, scaling lists make up to 1,500.
inline constexpr std::size_t kParameterSetBytesMax = 4096;

// A slice header's first fields are in so many bytes of the unit: three Exp-Golomb codes of 59 bits
// at most, bytes that prevent start codes, and the unit's header.
inline constexpr std::size_t kSliceHeadBytes = 16;

// What tells parameter sets of a clip apart: equal keys, and the later one takes the other's place.
struct ParameterSetKey {
  unsigned type = 0;
  std::uint32_t id = 0;
  friend bool operator==(const ParameterSetKey&, const ParameterSetKey&) = default;
};
// Of a unit that check_parameter_set takes.
[[nodiscard]] ParameterSetKey key_of(NalCodec codec, Bytes nal);

// Copyable; one thread at a time. Holds at most 100 KiB.
class ParameterSetStore {
 public:
  // A unit that check_parameter_set takes, with its header. kTooLarge: one more than the limits
  // allow, or over kParameterSetBytesMax.
  Status add(NalCodec codec, Bytes nal);
  // Whether the slice's header begins as its syntax says and names a picture parameter set that was
  // added and whose sequence parameter set was. `nal`: the unit, or its first kSliceHeadBytes.
  [[nodiscard]] bool can_decode(NalCodec codec, Bytes nal) const;

 private:
  std::array<std::vector<Buffer>, 3> seen_;  // by type; each content once
  std::bitset<32> sequences_;                // ids
  std::array<std::int16_t, 256> sequence_of_picture_ = none();

  static std::array<std::int16_t, 256> none() {
    std::array<std::int16_t, 256> all{};
    all.fill(-1);
    return all;
  }
};

}  // namespace sudare::clip
