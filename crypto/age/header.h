// The textual header of an age file (c2sp.org/age, "Header"): parsing it strictly as the
// specification's ABNF says, without keys.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/age/format.h"
#include "crypto/bytes.h"

namespace sudare::age {

// One recipient stanza. Views point into the bytes that were parsed.
struct Stanza {
  std::vector<std::string_view> arguments;  // at least one; the first is the type
  std::string body;                         // decoded
};

struct Header {
  std::vector<Stanza> stanzas;  // at least one, at most kStanzasMax
  std::array<std::uint8_t, kMacBytes> mac{};
  ByteSpan authenticated;  // what the MAC covers
  std::size_t bytes = 0;   // of the header, the line feed after the MAC included
};

// Parses the header at the start of `file`. Pure; any thread.
// Nothing where `file` is the start of what may become a header: more bytes are needed, and at the
// end of a file that is an error of the caller's to report.
// kMalformed or kUnsupported (another version) on anything else, kTooLarge past kHeaderBytesMax or
// kStanzasMax; detail is the byte offset.
Result<std::optional<Header>> parse_header(ByteSpan file);

}  // namespace sudare::age
