// Why an age file does not open. The four kinds are those of the conformance vectors, and mean
// different things to who reads them: damaged or foreign, forged, for somebody else, cut short.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/result.h"

namespace sudare::age::open_side {

enum class OpenFailure : std::uint8_t {
  kHeader = 1,   // the header does not follow its format, or a stanza for X25519 is not one
  kMac = 2,      // an identity opened a stanza, but the header is not the one that was sealed
  kNoMatch = 3,  // no identity opens any stanza
  kPayload = 4,  // a chunk does not authenticate, is missing, or too many are there
};

[[nodiscard]] Literal literal_of(OpenFailure failure);

// The kind of an error that `open`, `OpenStream` or `inspect` returned (they put it into
// Error::detail).
[[nodiscard]] OpenFailure open_failure(const Error& error);

// An error of a kind: fail() for this folder.
[[nodiscard]] tl::unexpected<Error> open_fail(OpenFailure failure, ErrorCode code, Literal what);

}  // namespace sudare::age::open_side
