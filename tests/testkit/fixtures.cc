#include "tests/testkit/fixtures.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace sudare::testkit {

std::optional<std::filesystem::path> fixture(const std::string& name) {
  std::filesystem::path root;
  if (const char* given = std::getenv("SUDARE_FIXTURES")) root = given;
  else if (const char* source = std::getenv("SUDARE_SOURCE_DIR"))
    root = std::filesystem::path(source) / "../shared/fixtures";
  else root = "../shared/fixtures";
  std::filesystem::path path = root / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace sudare::testkit
