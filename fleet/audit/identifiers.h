// Finds given identifiers in bytes: exact, in either case of ASCII letters, and as UTF-16. One pass
// however many there are. What hides them further (base64, hexadecimal digits, percent-encoding,
// full-width letters) is undone by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sudare {

// Shorter ones are found by chance in a large file of random bytes.
inline constexpr std::size_t kIdentifierBytesMin = 6;
// What overlaps two windows of a large file is found only up to this length (doubled in UTF-16).
inline constexpr std::size_t kIdentifierBytesMax = 256;

class IdentifierFinder {
 public:
  // Each of kIdentifierBytesMin to kIdentifierBytesMax bytes; others are never found.
  explicit IdentifierFinder(const std::vector<std::string>& identifiers);

  // `found(index of the identifier, offset)` for each place. Not thread-safe: keeps a buffer.
  using Found = std::function<void(std::size_t identifier, std::size_t offset)>;
  void find(std::string_view bytes, const Found& found);

 private:
  struct Pattern {
    std::string bytes;  // lower case
    std::size_t identifier = 0;
  };

  void add(std::string bytes, std::size_t identifier);

  std::vector<Pattern> patterns_;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_start_;  // first four bytes
  std::vector<std::uint64_t> starts_;  // a bit per hash of those: almost all places stop here
  std::string lower_;
};

}  // namespace sudare
