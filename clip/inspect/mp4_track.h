// A track of MP4: its sample description, and its first sample where it is a picture.
#pragma once

#include <cstdint>

#include "clip/inspect/walk.h"

namespace sudare::clip {

struct SampleEntry {
  std::uint32_t type = 0;
  bool h264 = false;
  bool h265 = false;
  unsigned length_bytes = 4;  // before each NAL unit
};

struct Mp4Track {
  std::uint32_t handler = 0;
  SampleEntry entry;
  std::uint64_t first_offset = 0;  // of the first sample; 0: not known
  std::uint64_t first_bytes = 0;

  void read_sizes(FileWindow& file, Range stsz);
  void read_offsets(FileWindow& file, Range box, std::size_t entry_bytes);
};

// Vendor and compressor name of each entry, SEI in avcC and hvcC, and tracks that are neither
// picture nor sound. Returns the last entry.
SampleEntry inspect_sample_description(FileWindow& file, Range stsd, const InspectPath& where,
                                       Findings& findings);

// SEI of H.264 and H.265, and the segments of JPEG, in the first sample: where encoders and cameras
// write about themselves. Later samples are left to the marker scan.
void inspect_first_sample(FileWindow& file, const Mp4Track& track, const InspectPath& where,
                          Findings& findings);

}  // namespace sudare::clip
