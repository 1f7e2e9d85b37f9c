// Errors of the rebuild: each carries the Reason that the report names.
#pragma once

extern "C" {
#include <libavutil/error.h>
}

#include <cerrno>

#include "base/result.h"
#include "clip/report.h"

namespace sudare::clip::rebuild {

// `return reject(Reason::kNoVideo, "demuxer: no video track");`
[[nodiscard]] inline tl::unexpected<Error> reject(Reason reason, Literal what) {
  return fail(ErrorCode::kRefused, what, static_cast<std::int64_t>(reason));
}

// From a libav error code: kMemory where memory ran out, else `reason`.
[[nodiscard]] inline tl::unexpected<Error> reject_av(int code, Reason reason, Literal what) {
  return reject(code == AVERROR(ENOMEM) ? Reason::kMemory : reason, what);
}

// Of errors made above, and of those of clip/nal.
[[nodiscard]] inline Reason reason_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kRefused: return static_cast<Reason>(error.detail);
    case ErrorCode::kUnsupported: return Reason::kFeature;
    case ErrorCode::kIo: return Reason::kInput;
    case ErrorCode::kInternal: return Reason::kLibrary;
    default: return Reason::kBitstream;
  }
}

}  // namespace sudare::clip::rebuild
