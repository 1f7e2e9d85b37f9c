// What the marker scan looks for: byte sequences of at least six bytes that tell where, when, who
// or which device. docs/drive-recorder.md says how often random data hold each by chance.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/literal.h"

namespace sudare::clip {

enum class MarkerKind : std::uint8_t {
  kGpsBlock,     // freeGPS, LIGOGPSINFO and other blocks that recorders put between samples
  kNmea,         // $GPRMC, $GNGGA, …
  kCoordinates,  // ISO 6709 ("+35.68+139.76/"), pairs of decimal degrees, degrees and minutes
  kPlaceName,    // keys such as "latitude", com.apple.quicktime.location.ISO6709
  kGpmf,         // GoPro's key-length-value stream
  kDataTrack,    // a sample entry of camm, gpmd, mebx, tx3g, rtmd, fdsc, tmcd
  kUserData,     // ©xyz, ©day, ©mak …, with the lengths that stand around it
  kXmp,
  kExif,
  kCamera,   // MDPM (AVCHD's camera data) and makers' names
  kSerial,   // letters and at least ten digits; 15 digits and more; MAC addresses
  kEncoder,  // x264, x265, libav, and other encoders' marks
  kDate,
  kEmail,
  kVin,
  kFrameNumber,
  kLink,   // http:// and https://
  kPhone,  // +819012345678, 090-1234-5678
};
inline constexpr std::size_t kMarkerKinds = 18;

// "gps-block", "nmea", …
[[nodiscard]] Literal literal_of(MarkerKind kind);

struct Marker {
  MarkerKind kind;
  std::uint64_t offset;  // of its first byte in the stream
  std::size_t bytes;
};

// No marker is longer, or looks further back, than this.
inline constexpr std::size_t kMarkerReach = 128;

}  // namespace sudare::clip
