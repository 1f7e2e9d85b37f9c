// Reads a stream of any length for markers (marker.h), wherever the pieces that it is fed in are
// cut. All but one kind begin with four printable characters, which 2 % of the places in random
// data do: the scan finds those places 64 bytes at a time, and looks closer only there.
//
// Finds bytes as they stand: not text in UTF-16, not what is encoded, compressed or shifted by
// bits.
#pragma once

#include <cstdint>
#include <functional>

#include "clip/nal/bytes.h"
#include "clip/verify/marker.h"

namespace sudare::clip {

// One thread at a time. Holds 64 KiB.
class MarkerScan {
 public:
  using Found = std::function<void(const Marker&)>;

  MarkerScan();
  // Reports every marker that begins in what was fed, but for the last kMarkerReach bytes; in no
  // exact order; each once.
  void feed(Bytes bytes, const Found& found);
  // … and those too: nothing follows. Afterwards the next feed begins a new stream, whose offsets
  // count from `offset`.
  void finish(const Found& found, std::uint64_t next_offset = 0);

 private:
  void scan(std::size_t end, const Found& found);

  Buffer window_;
  std::size_t used_ = 0;      // bytes in window_
  std::size_t next_ = 0;      // the first place that was not looked at
  std::uint64_t offset_ = 0;  // of window_'s first byte
};

// All markers in `bytes`. `offset` is that of its first byte.
void scan_markers(Bytes bytes, std::uint64_t offset, const MarkerScan::Found& found);

}  // namespace sudare::clip
