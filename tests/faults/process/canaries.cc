#include "tests/faults/process/canaries.h"

#include "tests/testkit/fixtures.h"

namespace sudare::faults {

std::size_t canaries_in(std::string_view bytes) {
  std::size_t found = 0;
  for (const std::string_view canary : {"CANARY", "canary", "35.1693", "351693127"}) {
    for (std::size_t at = bytes.find(canary); at != std::string_view::npos;
         at = bytes.find(canary, at + 1)) {
      ++found;
    }
  }
  return found;
}

std::size_t canaries_below(const std::filesystem::path& directory) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    found += canaries_in(testkit::read_file(entry.path())) +
             canaries_in(entry.path().filename().string());
  }
  return found;
}

}  // namespace sudare::faults
