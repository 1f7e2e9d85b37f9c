// Each ```textproto block of docs/policy.md, policy-trips.md, policy-clips.md and policy-check.md
// follows a comment that says what becomes of it:
// "<!-- ok -->", "<!-- refused: reason -->" or "<!-- ceiling -->". A block that doesn't start a
// policy of its own is added to the purposes of the first one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "gateway/policy/class_rules.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

using testing::HasSubstr;

struct Example {
  std::string mark;  // "ok", "refused: ...", "ceiling"
  std::string text;
  int line = 0;
};

std::string reference() {
  const char* const source = std::getenv("SUDARE_SOURCE_DIR");
  const std::string docs = std::string(source == nullptr ? "." : source) + "/docs/";
  return testkit::read_file(docs + "policy.md") + testkit::read_file(docs + "policy-trips.md") +
         testkit::read_file(docs + "policy-clips.md") +
         testkit::read_file(docs + "policy-check.md");
}

std::vector<Example> examples() {
  std::vector<Example> out;
  std::istringstream in(reference());
  std::string line;
  std::string mark;
  bool inside = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (inside && line == "```") {
      inside = false;
      mark.clear();
    } else if (inside) {
      out.back().text += line + "\n";
    } else if (line == "```textproto") {
      inside = true;
      out.push_back({mark, "", number});
    } else if (line.rfind("<!-- ", 0) == 0 && line.size() > 9) {
      mark = line.substr(5, line.size() - 9);
    }
  }
  return out;
}

// With every placeholder filled, a key of its own for each purpose.
std::string filled(const std::string& text) {
  std::map<std::string, std::string> keys;
  int number = 1;
  for (const char* purpose : {"traffic", "diagnostics", "emergency", "my-car", "insurance",
                              "weather", "probe", "sketches"}) {
    keys.emplace(purpose, recipient(number++));
  }
  return fill_recipients(text, keys);
}

TEST(PolicyDocsTest, EachExampleDoesWhatTheTextSays) {
  const std::vector<Example> all = examples();
  ASSERT_GE(all.size(), 10U);
  const std::string frame = all[0].text.substr(0, all[0].text.find("\nsource {") + 1);
  for (const Example& example : all) {
    SCOPED_TRACE("docs/policy.md:" + std::to_string(example.line));
    const std::string text =
        filled(example.text.rfind("language:", 0) == 0 ? example.text : frame + example.text);
    if (example.mark == "ceiling") {
      const CeilingLoad ceiling = load_ceiling("doc", filled(example.text));
      EXPECT_NE(ceiling.ceiling, nullptr) << printed(ceiling.diagnostics);
    } else if (example.mark == "ok") {
      expect_accepted(text);
    } else {
      ASSERT_EQ(example.mark.rfind("refused: ", 0), 0U) << "no mark: " << example.mark;
      const PolicyLoad result = load(text);
      EXPECT_EQ(result.policy, nullptr);
      EXPECT_THAT(printed(result.diagnostics), HasSubstr(example.mark.substr(9)));
    }
  }
}

TEST(PolicyDocsTest, EveryClassIsInTheTable) {
  const std::string text = reference();
  const auto* const classes = v1::PersonalClass_descriptor();
  for (int i = 0; i < classes->value_count(); ++i) {
    EXPECT_NE(text.find("`" + classes->value(i)->name() + "`"), std::string::npos)
        << classes->value(i)->name();
  }
}

TEST(PolicyDocsTest, EveryFieldOfTheLanguageIsDescribed) {
  const std::string text = reference();
  const auto* const file = v1::Policy::descriptor()->file();
  for (int m = 0; m < file->message_type_count(); ++m) {
    for (int f = 0; f < file->message_type(m)->field_count(); ++f) {
      const std::string name = file->message_type(m)->field(f)->name();
      EXPECT_TRUE(text.find("`" + name) != std::string::npos ||
                  text.find("`{ " + name) != std::string::npos)
          << name;
    }
  }
}

}  // namespace
}  // namespace sudare::policy_test
