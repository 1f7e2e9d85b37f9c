// AAC sound for the one profile that may keep it: the coded sound alone, without the header that
// MPEG-TS has in front of each piece (ADTS, ISO/IEC 13818-7, 6.2). Other codecs are left out.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/rebuild/clip_file.h"
#include "clip/rebuild/muxer.h"

namespace sudare::clip::rebuild {

class Sound {
 public:
  // `config`: the container's AudioSpecificConfig; empty: each piece has a header of its own.
  explicit Sound(Bytes config);

  // What goes into the output's header; nothing until a first piece told it, or where it is no AAC
  // of low complexity.
  [[nodiscard]] const std::optional<SoundTrack>& track() const { return track_; }
  // The piece without its header; empty where it is none.
  Bytes rebuild(Bytes sample);

 private:
  bool with_headers_;
  std::optional<SoundTrack> track_;
};

// The clip's sound with its track known: in MPEG-TS its first piece is looked for, in a pass of its
// own. Nothing where there is none that is handled. Errors of Demuxer.
Result<std::optional<Sound>> find_sound(const ClipFile& file, const Sniffed& sniffed);

}  // namespace sudare::clip::rebuild
