// NAL units of H.264 (ITU-T H.264, 7.3.1 and 7.4.1) and H.265 (ITU-T H.265, 7.3.1 and 7.4.2): which
// of them may leave the car, and what the bytes of one must look like. An allow-list: a type that
// is not named here is dropped, so that text in user data, filler or reserved types goes with it.
// H.264's data partitions (2–4, Extended profile only) are dropped too: no recorder writes them,
// and decoders pass over them unread, so that a second stream or sound would fit in there.
#pragma once

#include <cstdint>

#include "clip/nal/bytes.h"

namespace sudare::clip {

enum class NalCodec : std::uint8_t { kH264, kH265 };

enum class NalKind : std::uint8_t {
  kPicture,       // H.264 1, 5; H.265 0–9, 16–21
  kParameterSet,  // H.264 7, 8; H.265 32–34
  kSei,           // H.264 6; H.265 39: kept only as a recovery point (recovery_point.h)
  kOther,         // everything else, and what belongs to another layer than the base: dropped
  kMalformed,     // too short, forbidden_zero_bit set, or H.265 without a temporal id
};

// What one NAL unit is, by its header (one byte in H.264, two in H.265). Pure; any thread.
[[nodiscard]] NalKind kind_of(NalCodec codec, Bytes nal);
[[nodiscard]] unsigned type_of(NalCodec codec, Bytes nal);
[[nodiscard]] constexpr std::size_t header_bytes(NalCodec codec) {
  return codec == NalCodec::kH264 ? 1 : 2;
}

// The unit without trailing zero bytes and cabac_zero_words (H.264 7.4.2.10): padding of any length
// which decoders skip.
[[nodiscard]] Bytes without_padding(Bytes nal);

// Whether 00 00 00, 00 00 01 or 00 00 02 stands in it, which no NAL unit may contain: the start of
// a second unit that a header check would not see.
[[nodiscard]] bool holds_start_code(Bytes nal);

// The payload after the header with emulation prevention bytes taken out (H.264 7.3.1), and the way
// back. `rbsp_of` of at most kSmallNalBytesMax bytes; longer: empty.
[[nodiscard]] Buffer rbsp_of(NalCodec codec, Bytes nal);
void append_escaped(Buffer& out, Bytes rbsp);

// Parameter sets and SEI messages. Their lengths are 16 bits in avcC and hvcC; real ones are below
// 300 bytes.
inline constexpr std::size_t kSmallNalBytesMax = 65535;

}  // namespace sudare::clip
