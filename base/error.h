// Why something failed: a code, a literal that names the place, and a number. No run-time text, so
// that an error can be logged wherever it ends up. What an operator wrote wrongly in a file is a
// Diagnostic (diagnostic.h).
#pragma once

#include <cstdint>

#include "base/literal.h"

namespace sudare {

enum class ErrorCode : std::uint8_t {
  kMalformed,       // the bytes do not follow their format
  kTooLarge,        // a size limit of base/limits.h
  kTooDeep,         // a nesting limit of base/limits.h
  kUnsupported,     // well-formed, but a version or feature that is not handled
  kRefused,         // a rule forbids it
  kNotFound,        // a file, key, row or name that is not there
  kExpired,         // outside its time of validity
  kNoMatch,         // age: no identity opens any stanza
  kAuthentication,  // a MAC, tag or signature does not verify
  kFull,            // a quota or the disk is full
  kIo,              // the operating system refused; detail is errno
  kUnavailable,     // a peer or resource is not there now; trying again may help
  kInternal,        // a library failed in a way that it should not
};

// Literal name of a code, for logs and metrics ("malformed", ...).
[[nodiscard]] Literal literal_of(ErrorCode code);

struct Error {
  ErrorCode code;
  Literal what;             // where and what, e.g. "age header: stanza without arguments"
  std::int64_t detail = 0;  // errno, byte offset or count, as `what` says; never a value from a car
};

}  // namespace sudare
