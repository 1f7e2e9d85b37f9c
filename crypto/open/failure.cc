#include "crypto/open/failure.h"

namespace sudare::age::open_side {

Literal literal_of(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::kHeader: return "header failure";
    case OpenFailure::kMac: return "HMAC failure";
    case OpenFailure::kNoMatch: return "no match";
    case OpenFailure::kPayload: return "payload failure";
  }
  return "unknown";
}

OpenFailure open_failure(const Error& error) { return static_cast<OpenFailure>(error.detail); }

tl::unexpected<Error> open_fail(OpenFailure failure, ErrorCode code, Literal what) {
  return fail(code, what, static_cast<std::int64_t>(failure));
}

}  // namespace sudare::age::open_side
