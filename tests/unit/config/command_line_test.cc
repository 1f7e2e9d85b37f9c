#include "gateway/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sudare {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

CommandLine read(const std::vector<const char*>& arguments) {
  return read_command_line("/usr/bin/sudare-gateway", arguments, "1.2.3");
}

TEST(CommandLine, WhatIsNoCommandIsAUsageError) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{}, "--config is required"},
      {{"--check"}, "--config is required"},
      {{"--config"}, "--config: 1 required FILE missing"},
      {{"--config", "--check"}, "--config: 1 required FILE missing"},  // else it would run
      {{"--config="}, "--config is required"},
      {{"--config", "a", "--nope"}, "unknown argument: --nope"},
      {{"--config", "a", "b"}, "unknown argument: b"},
      {{"--configure=a"}, "unknown argument: --configure=a"}};
  for (const auto& [arguments, text] : cases) {
    const CommandLine line = read(arguments);
    EXPECT_FALSE(line.command.has_value()) << text;
    EXPECT_TRUE(line.usage_error) << text;
    EXPECT_THAT(line.text, StartsWith("error: " + text + "\nhint: "));
  }
}

TEST(CommandLine, HelpAndVersionAreSaidAndNothingIsDone) {
  for (const char* option : {"-h", "--help"}) {
    const CommandLine line = read({"--config", "a", option});
    EXPECT_FALSE(line.command.has_value() || line.usage_error);
    EXPECT_THAT(line.text, HasSubstr("Usage: /usr/bin/sudare-gateway [OPTIONS]\n"));
    EXPECT_THAT(line.text, HasSubstr("  --config FILE REQUIRED "));
  }
  EXPECT_EQ(read({"--version"}).text, "sudare-gateway 1.2.3\n");
}

TEST(CommandLine, AFileIsRunOrChecked) {
  for (const auto& arguments :
       {std::vector<const char*>{"--config", "f"}, std::vector<const char*>{"--config=f"},
        std::vector<const char*>{"--config", "g", "--config", "f"}}) {
    const CommandLine line = read(arguments);
    ASSERT_TRUE(line.command.has_value());
    EXPECT_EQ(line.command->config_file, "f");
    EXPECT_FALSE(line.command->check_only);
  }
  EXPECT_TRUE(read({"--check", "--config", "f"}).command->check_only);
}

}  // namespace
}  // namespace sudare
