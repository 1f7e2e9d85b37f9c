#include "base/error.h"

namespace sudare {

Literal literal_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMalformed: return "malformed";
    case ErrorCode::kTooLarge: return "too_large";
    case ErrorCode::kTooDeep: return "too_deep";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kRefused: return "refused";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kExpired: return "expired";
    case ErrorCode::kNoMatch: return "no_match";
    case ErrorCode::kAuthentication: return "authentication";
    case ErrorCode::kFull: return "full";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kInternal: return "internal";
  }
  return "unknown";
}

}  // namespace sudare
