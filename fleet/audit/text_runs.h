// Where bytes are text: for the scan of files that may be binary, text, or one inside the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sudare {

struct TextRun {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The first maximal run of text at or after `from`: printable ASCII, tabs, line ends, and UTF-8 of
// more than one byte without control characters. begin == end == bytes.size() where none is left.
// Pure.
[[nodiscard]] TextRun next_text_run(std::string_view bytes, std::size_t from);

// How an age file begins.
inline constexpr std::string_view kAgeMagic = "age-encryption.org/v1\n";

// Bytes of the age header at the start of `text`, which begins with kAgeMagic: up to and including
// the line of its MAC where all its stanzas are X25519, else the magic alone. Pure.
[[nodiscard]] std::size_t age_header_bytes(std::string_view text);

// Decodes pairs of hexadecimal digits; an odd one at the end is left out. The caller has checked
// the characters.
[[nodiscard]] std::string_view decode_hex(std::string_view digits, std::string& bytes);
[[nodiscard]] bool is_hex(char c);

}  // namespace sudare
