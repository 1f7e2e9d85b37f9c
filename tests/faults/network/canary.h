// What the car says in the clear, to be looked for wherever only ciphertext may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

namespace sudare::faults {

inline std::string text_with_canaries(std::uint64_t number) {
  return "{\"seq\": " + std::to_string(number) +
         ", \"vin\": \"JTDKARFU8Q3CANARY\", \"owner\": {\"mail\": \"canary.8731@example.jp\"}, "
         "\"lat\": 35.1693127, \"lon\": 137.2694513}";
}

inline std::size_t canaries_in(std::string_view bytes) {
  std::size_t found = 0;
  for (const std::string_view canary : {"CANARY", "canary.8731", "35.1693", "137.2694"}) {
    for (std::size_t at = bytes.find(canary); at != bytes.npos; at = bytes.find(canary, at + 1)) {
      ++found;
    }
  }
  return found;
}

inline std::size_t canaries_below(const std::filesystem::path& directory) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    found += canaries_in(std::string((std::istreambuf_iterator<char>(in)), {}));
  }
  return found;
}

}  // namespace sudare::faults
