// Text as people in Japan type it into forms, made comparable: full-width letters, digits and
// brackets become ASCII, the many dashes become "-", the ideographic space becomes " ". What has no
// width, and can be seen by nobody, is left out. Other text stays as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sudare {

struct NarrowText {
  std::string text;
  // Where each byte of `text` came from in the original; one more entry holds the original's size.
  std::vector<std::uint32_t> origin;
};

// Whether `text` holds anything that narrow() would change. Pure; any thread; linear.
[[nodiscard]] bool needs_narrowing(std::string_view text);

// Pure; any thread; linear. Invalid UTF-8 is copied byte by byte. `text` is shorter than 4 GiB.
[[nodiscard]] NarrowText narrow(std::string_view text);

}  // namespace sudare
