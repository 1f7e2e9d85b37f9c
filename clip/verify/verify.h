// Reads back what the rebuild wrote, compares it with what may leave, and passes it on. Shares no
// code with libav, which wrote it: nothing leaves because both are wrong in the same way.
//
// The stream is ftyp, moov, then pairs of moof and mdat to its end, and nothing else. What is
// checked: docs/drive-recorder.md, "What verify checks".
//
// Order: a header box is passed on once all of it was checked. Of an mdat, bytes are passed on once
// they were checked, by the piece: a finding further back in the same sample comes after its first
// bytes are out. What came out counts only if the result is kOk.
//
// Memory: one movie box (kMovieBytesMax) or fragment box (kFragmentBoxBytesMax) with its samples'
// table, three buffers of 64 KiB and one of kVerifyPieceBytes, whatever the clip's size; below 4
// MiB.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "clip/nal/bytes.h"
#include "clip/options.h"
#include "clip/report.h"
#include "clip/verify/movie.h"

namespace sudare::clip {

inline constexpr std::size_t kVerifyPieceBytes = 256 * 1024;

// Where the stream comes from, front to back.
class VerifySource {
 public:
  virtual ~VerifySource() = default;
  // Reads at least one byte and at most `into` holds; 0 at the end. kIo.
  virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;
};

// Where it goes.
class VerifySink {
 public:
  virtual ~VerifySink() = default;
  virtual Status write(Bytes bytes) = 0;
};

// kOk; kFindings with what was found and where; kInternal with kInput or kOutput. Codec, size,
// frames, bytes passed on and window of what was read. One thread. Ends at the first finding.
Report verify_stream(VerifySource& source, VerifySink& sink, const VerifyRules& rules);

}  // namespace sudare::clip
