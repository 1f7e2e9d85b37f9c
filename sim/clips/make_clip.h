// A drive recorder's clip with ffmpeg's test pictures, and everything in it that a clip must not
// leave the car with: time and position burned into the picture, sound, position in several of the
// places where recorders keep it, time, model and serial number in its metadata.
//
//   mp4  udta ©xyz and creation time, a text track of NMEA sentences, H.264 user data (SEI), and a
//        block as of Novatek recorders ("freeGPS") in a box of its own after the film
//   ts   H.264 user data, a programme named after the recorder
//   avi  Motion JPEG with RIFF INFO, and the block in a JUNK chunk at the end
#pragma once

#include <cstdint>
#include <string>

#include "sim/error.h"
#include "sim/world/geometry.h"

namespace sudare::sim {

struct ClipWanted {
  std::string file;  // extension .mp4, .ts or .avi, in either case
  unsigned seconds = 12;
  std::int64_t start_ms = 0;  // unix ms, of the first picture
  Place place;
  std::string recorder_model;
  std::string recorder_serial;
  bool sound = true;
};

// The position as every place in the clip but the NMEA track has it: "+35.08312+137.15641/" (ISO
// 6709). What a scan looks for.
[[nodiscard]] std::string iso_6709(const Place& place);

// Runs ffmpeg, which must be installed (ffmpeg with libx264), for a second or two. The file is
// there whole or not at all. An error names ffmpeg's last lines.
[[nodiscard]] Parsed<Done> make_clip(const ClipWanted& wanted);

}  // namespace sudare::sim
