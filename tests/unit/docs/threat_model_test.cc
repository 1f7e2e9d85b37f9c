// docs/threat-model.md against the sources: every row of its tables names something that shows the
// treatment, and that exists; or it says what is accepted or not treated.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

fs::path source() {
  const char* const path = std::getenv("SUDARE_SOURCE_DIR");
  return path == nullptr ? "." : path;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern,
                                 const std::string& format) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
    found.push_back(at->format(format));
  }
  return found;
}

// What can be named: tests (and "Suite.*"), fuzz targets, cases that must not compile, drills.
std::set<std::string> things() {
  std::set<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(source() / "tests")) {
    const fs::path& file = entry.path();
    if (file.string().find("/fuzz/corpus/") != std::string::npos) continue;
    const std::string text = entry.is_regular_file() ? testkit::read_file(file) : std::string();
    if (file.extension() == ".cc") {
      for (const char* form : {"$1.$2", "$1.*"}) {
        const auto tests = matches(text, R"(\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\))", form);
        all.insert(tests.begin(), tests.end());
      }
    }
    if (file.parent_path().filename() == "cases") {
      all.insert("compile_fail/" + file.stem().string());
    }
    if (file.filename() == "CMakeLists.txt") {
      const auto targets = matches(text, R"(sudare_fuzz\((\w+))", "$1");
      all.insert(targets.begin(), targets.end());
    }
  }
  const std::string drills = testkit::read_file(source() / "sim/drill/run.cc");
  for (const std::string& drill : matches(drills, "\\{\"([a-z-]+)\",", "drill $1")) {
    all.insert(drill);
  }
  return all;
}

struct Row {
  std::string text;
  std::vector<std::string> named;
};

// Rows of tables whose last column says what shows it.
std::vector<Row> rows_of(const std::string& text) {
  std::vector<Row> rows;
  std::istringstream in(text);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("|")) {
      inside = false;
    } else if (line.ends_with("| shown by |") || line.ends_with("| here |")) {
      inside = true;
    } else if (inside && !line.starts_with("|---")) {
      const std::size_t last = line.rfind(" | ", line.size() - 3);
      rows.push_back({line, matches(line.substr(last), "`([^`]+)`", "$1")});
    }
  }
  return rows;
}

bool says_why_not(const std::string& row) {
  return std::regex_search(row, std::regex("Accepted|Not treated|Not ours"));
}

std::string guide() { return testkit::read_file(source() / "docs/threat-model.md"); }

TEST(ThreatModel, EveryRowNamesWhatShowsItOrSaysWhyNothingDoes) {
  const auto rows = rows_of(guide());
  ASSERT_GT(rows.size(), 50U);
  for (const Row& row : rows) {
    EXPECT_TRUE(!row.named.empty() || says_why_not(row.text)) << row.text;
  }
}

TEST(ThreatModel, EverythingThatItNamesExists) {
  const auto known = things();
  EXPECT_GT(known.size(), 1000U);
  std::size_t named = 0;
  for (const Row& row : rows_of(guide())) {
    for (const std::string& name : row.named) {
      EXPECT_TRUE(known.contains(name)) << name;
      ++named;
    }
  }
  EXPECT_GT(named, 80U);
}

TEST(ThreatModel, ANameThatNothingHasIsFound) {
  const auto known = things();
  for (const char* name : {"ThreatModel.ThereIsNoSuchTest", "NoSuchSuite.*", "drill no-such-drill",
                           "compile_fail/no_such_case", "no_such_fuzz"}) {
    EXPECT_FALSE(known.contains(name)) << name;
  }
  const auto rows = rows_of("| row | shown by |\n|---|---|\n| 1 | |\n| 2 | `X.Y` |\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows[0].named.empty());
  EXPECT_EQ(rows[1].named, std::vector<std::string>{"X.Y"});
}

TEST(ThreatModel, EveryDrillIsInIt) {
  const std::string text = guide();
  std::size_t drills = 0;
  for (const std::string& thing : things()) {
    if (!thing.starts_with("drill ")) continue;
    EXPECT_NE(text.find("`" + thing + "`"), std::string::npos) << thing;
    ++drills;
  }
  EXPECT_EQ(drills, 5U);
}

}  // namespace
}  // namespace sudare
