// Where the real data to test with lies: SUDARE_FIXTURES, by default ../shared/fixtures beside the
// source tree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sudare::testkit {

// The path of a fixture ("age/x25519", "grid"), or nothing where it is not on this machine.
std::optional<std::filesystem::path> fixture(const std::string& name);

// The whole file; empty where it can't be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace sudare::testkit

// Skips the test, saying what is missing, where a fixture is not on this machine.
#define SUDARE_FIXTURE_OR_SKIP(variable, name)                                  \
  const auto variable##_found = ::sudare::testkit::fixture(name);               \
  if (!variable##_found)                                                        \
    GTEST_SKIP() << "not run: fixture " << (name) << " is not on this machine"; \
  const std::filesystem::path& variable = *variable##_found
