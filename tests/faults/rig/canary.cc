#include "tests/faults/rig/canary.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "sudare/vehicle/v1/position.pb.h"

namespace sudare::faults {
namespace {

// Longer than any canary: what stands over the end of a piece is found in the next.
constexpr std::size_t kOverlap = 64;
constexpr std::size_t kPieceBytes = 1U << 20U;

const std::vector<std::string>& canaries() {
  static const std::vector<std::string> all = [] {
    vehicle::v1::Position position;
    position.set_latitude_e7(kCanaryLatitudeE7);
    position.set_longitude_e7(kCanaryLongitudeE7);
    std::vector<std::string> list{"CANARY",   "canary.8731", "35.1693",
                                  "137.2694", "351693127",   "1372694513"};
    list.push_back(position.SerializeAsString());
    // UTF-16, as some libraries keep text.
    std::string wide;
    for (const char c : std::string_view("CANARY")) wide.append({c, '\0'});
    list.push_back(wide);
    return list;
  }();
  return all;
}

}  // namespace

std::string numbered_json(std::uint64_t number) {
  return "{\"seq\": " + std::to_string(number) + ", \"vin\": \"" + std::string(kCanaryVin) +
         "\", \"owner\": {\"mail\": \"" + std::string(kCanaryEmail) +
         "\"}, \"lat\": 35.1693127, \"lon\": 137.2694513}";
}

std::uint64_t canaries_in(std::string_view bytes) {
  std::uint64_t found = 0;
  for (const std::string& canary : canaries()) {
    for (std::size_t at = bytes.find(canary); at != std::string_view::npos;
         at = bytes.find(canary, at + 1)) {
      ++found;
    }
  }
  return found;
}

std::uint64_t canaries_in_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string piece;
  std::string buffer(kPieceBytes, '\0');
  std::uint64_t found = 0;
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto bytes = static_cast<std::size_t>(in.gcount());
    piece.append(buffer, 0, bytes);
    found += canaries_in(piece);
    const std::size_t kept = std::min(piece.size(), kOverlap);
    piece.erase(0, piece.size() - kept);
    // Those that lie in the kept part as a whole were counted already.
    found -= std::min(found, in ? canaries_in(piece) : 0);
  }
  return found;
}

std::uint64_t canaries_below(const std::filesystem::path& directory) {
  std::uint64_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           directory, std::filesystem::directory_options::skip_permission_denied)) {
    found += canaries_in(entry.path().filename().string());
    if (entry.is_regular_file()) found += canaries_in_file(entry.path());
  }
  return found;
}

}  // namespace sudare::faults
