// docs/simulator.md against the programs: every option that it names exists.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"

namespace sudare {
namespace {

std::string guide() {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  return testkit::read_file(std::string(source == nullptr ? "." : source) + "/docs/simulator.md");
}

const std::string& help_of(const std::string& program, const std::string& command) {
  static std::map<std::string, std::string> known;
  std::string& text = known[program + " " + command];
  if (!text.empty()) return text;
  std::vector<std::string> call = {testkit::program(program), "--help"};
  if (!command.starts_with('-')) call.insert(call.begin() + 1, command);
  return text = testkit::run(call).output;
}

bool names(const std::string& help, const std::string& option) {
  return std::regex_search(help, std::regex(option + "(?![a-z-])"));
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

const std::regex kCall(R"((?:^|\s)(sudare|sudare-sim|sudare-gateway)\s([a-z]+|--config)\s(.*))");

TEST(SimulatorGuide, EveryCommandInItKnowsItsOptions) {
  std::istringstream in(std::regex_replace(guide(), std::regex(R"(\\\n\s*)"), " "));
  bool inside = false;
  int calls = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("```", 0) == 0) inside = !inside;
    std::smatch call;
    if (!inside || !std::regex_search(line, call, kCall)) continue;
    ++calls;
    for (const std::string& option : matches(line, R"((--[a-z][a-z-]+))")) {
      EXPECT_TRUE(names(help_of(call[1], call[2]), option)) << line << ": " << option;
    }
  }
  EXPECT_GT(calls, 8);
}

TEST(SimulatorGuide, EveryOptionThatItNamesExists) {
  std::string help = help_of("sudare", "open");
  for (const std::string& command :
       matches(testkit::run({testkit::program("sudare-sim"), "--help"}).output, "\n  ([a-z]+) ")) {
    help += help_of("sudare-sim", command);
  }
  // Not programs of ours: `./dev`, `ssh`.
  const std::vector<std::string> others = {"--no-install"};
  const std::vector<std::string> named = matches(guide(), "[`(](--[a-z][a-z-]+)");
  EXPECT_GT(named.size(), 20U);
  for (const std::string& option : named) {
    if (std::find(others.begin(), others.end(), option) != others.end()) continue;
    EXPECT_TRUE(names(help, option)) << option;
  }
}

TEST(SimulatorGuide, EveryOptionOfTheCarIsInIt) {
  const std::string text = guide();
  for (const std::string& option :
       matches(help_of("sudare-sim", "vehicle"), R"((--[a-z][a-z-]+))")) {
    if (option == "--help") continue;
    EXPECT_TRUE(names(text, option)) << option;
  }
}

}  // namespace
}  // namespace sudare
