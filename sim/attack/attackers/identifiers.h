// A dictionary of every identifier of a fleet against the text that was released: as it is, in
// other spellings, and under keyless hashes, whole or cut short.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sudare::sim::attack {

struct DictionaryResult {
  std::size_t identifiers = 0;
  std::size_t found = 0;         // identifiers recognised in any way
  std::size_t found_plain = 0;   // of these as text (case, separators and width ignored)
  std::size_t found_hashed = 0;  // by MD5, SHA-1, SHA-256, SHA-512 or BLAKE2b, hex or base64
};

// `released`: text values, pseudonyms included. A hash counts from 8 hex digits on.
[[nodiscard]] DictionaryResult dictionary_attack(const std::vector<std::string>& identifiers,
                                                 const std::vector<std::string>& released);

// The control: what a gateway with keyless hashes (first 16 hex digits of SHA-256) would release.
// A sound attack finds all of them.
[[nodiscard]] std::vector<std::string> keyless_hashes(const std::vector<std::string>& identifiers);

}  // namespace sudare::sim::attack
