#include "tests/testkit/temporary_directory.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace sudare::testkit {

TemporaryDirectory::TemporaryDirectory() {
  std::string shape = (std::filesystem::temp_directory_path() / "sudare-test-XXXXXX").string();
  if (mkdtemp(shape.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = shape;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sudare::testkit
