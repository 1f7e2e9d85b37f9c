// Runs `sudare` in a directory of the test's own.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::fleet_test {

class ToolTest : public testing::Test {
 protected:
  using Json = nlohmann::json;

  // `sudare` with these arguments.
  static testkit::RunResult sudare(std::vector<std::string> arguments);
  // The same with `input` on standard input.
  testkit::RunResult piped(const std::string& input, const std::vector<std::string>& arguments);

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  std::string write(const std::string& name, std::string_view bytes) const;
  [[nodiscard]] std::string read(const std::string& name) const {
    return testkit::read_file(directory_.path() / name);
  }
  // A new key file; returns its public key.
  std::string key(const std::string& name, const std::string& purpose);
  static std::vector<Json> lines(const std::string& text);

 private:
  testkit::TemporaryDirectory directory_;
  int inputs_ = 0;
};

}  // namespace sudare::fleet_test
