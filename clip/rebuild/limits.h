// What a clip may be. Each limit bounds the memory or time that one clip can take; real recorders'
// clips stay far below.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sudare::clip::rebuild {

// 4K in both kinds (4096 x 2160, 3840 x 2160) and the 4:3 and 16:9 pictures of recorders with a
// tall sensor. Bounds the decoder's memory: 14 MB for each picture it holds.
inline constexpr std::uint32_t kPictureWidthMax = 4096;
inline constexpr std::uint32_t kPictureHeightMax = 2304;

// Two hours at 60 pictures a second. Bounds the index that a demuxer builds (some 40 bytes each).
inline constexpr std::uint64_t kPicturesMax = 500'000;

// One picture. An intra picture of 4K at 100 Mbit/s has about 2 MB.
inline constexpr std::size_t kPacketBytesMax = std::size_t{8} << 20;

// Twice what FAT32, which recorders' cards have, can hold in one file.
inline constexpr std::int64_t kClipBytesMax = std::int64_t{8} << 30;

// Recorders write a picture for each camera, sound, text and data: under ten.
inline constexpr int kStreamsMax = 32;

// How far into an MPEG-TS its tables may be: they are repeated ten times a second.
inline constexpr std::int64_t kProbeBytes = 5'000'000;

// A step in time that no recording has (time lapse takes a picture every few seconds): clocks that
// were set meanwhile, or files that were joined. Time goes on as if it were not there.
inline constexpr std::int64_t kStepSecondsMax = 60;

// One fragment of the output, which the muxer holds in memory. Small enough for
// kRebuildMemoryBytes, large enough that its 200 bytes of header don't count.
inline constexpr std::size_t kFragmentBytesMax = std::size_t{2} << 20;

// Address space for the rebuild: index, one packet and its rebuilt form, a fragment and the muxer's
// copy while it grows, and the decoder that looks at the first picture (4K H.265 at 10 bits: 85
// MB).
inline constexpr std::size_t kRebuildMemoryBytes = std::size_t{192} << 20;
// … and for sketch: up to 17 decoded pictures of 4K at 10 bits (28 MB each).
inline constexpr std::size_t kSketchMemoryBytes = std::size_t{640} << 20;

}  // namespace sudare::clip::rebuild
