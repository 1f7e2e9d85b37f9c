// docs/operations.md, docs/doctor.md and the alert rules against what the programs show and check.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>

#include "fleet/doctor/report.h"
#include "gateway/status/status_page.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/process.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

fs::path source() {
  const char* const path = std::getenv("SUDARE_SOURCE_DIR");
  return path == nullptr ? "." : path;
}

Names names_in(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  Names names;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

// Of everything that a unit can show.
Names shown_metrics() {
  GatewaySnapshot snapshot;
  snapshot.clips.on = true;
  snapshot.policy_serial = 1;
  snapshot.clips.rejected.fill(1);
  snapshot.account.take("traffic", Fate::kRejected, Reason::kMalformed, 1);
  return names_in(metrics_text(snapshot), "# TYPE (\\S+)");
}

std::string operations() { return testkit::read_file(source() / "docs/operations.md"); }
std::string rules() { return testkit::read_file(source() / "deploy/alerts/sudare.yml"); }

TEST(Operations, ThePageHasEveryMetricAndNoOther) {
  ASSERT_GT(shown_metrics().size(), 50U);
  EXPECT_EQ(names_in(operations(), "\n\\| `(sudare_\\w+)` \\|"), shown_metrics());
}

TEST(Operations, EveryAlertHasARunbookAndNoRunbookIsLeftOver) {
  const Names alerts = names_in(rules(), "- alert: (\\w+)");
  EXPECT_FALSE(alerts.empty());
  EXPECT_EQ(names_in(operations(), "\n### (\\w+)"), alerts);
}

TEST(Operations, AlertsUseMetricsThatThereAre) {
  const Names metrics = shown_metrics();
  for (const std::string& name : names_in(rules(), "\\b(sudare_\\w+)")) {
    const std::string family = std::regex_replace(name, std::regex("_(sum|count|bucket)$"), "");
    EXPECT_EQ(metrics.count(family), 1U) << name;
  }
}

// What a runbook promises to be in the account.
TEST(Operations, AlertsUseReasonsAndFatesThatThereAre) {
  Names words;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    words.insert(std::string(literal_of(static_cast<Reason>(i)).view()));
  }
  for (std::size_t i = 0; i < kFateCount; ++i) {
    words.insert(std::string(literal_of(static_cast<Fate>(i)).view()));
  }
  for (const std::string& list : names_in(rules(), "(?:reason|fate)=~?\"([a-z_|]+)\"")) {
    for (const std::string& word : names_in(list, "([a-z_]+)")) {
      EXPECT_EQ(words.count(word), 1U) << word;
    }
  }
}

// The rules, each made to fire: deploy/alerts/sudare.test.yml.
TEST(Operations, PrometheusTakesTheRulesAndTheyFire) {
  const fs::path alerts = source() / "deploy/alerts";
  if (testkit::find_command("promtool").empty()) SUDARE_NOT_RUN("promtool, of prometheus");
  const auto checked = testkit::run({"promtool", "check", "rules", alerts / "sudare.yml"});
  EXPECT_EQ(checked.status, 0) << checked.output << checked.errors;
  const auto fired = testkit::run({"promtool", "test", "rules", alerts / "sudare.test.yml"});
  EXPECT_EQ(fired.status, 0) << fired.output << fired.errors;
}

TEST(Operations, EveryAlertIsMadeToFire) {
  EXPECT_EQ(names_in(testkit::read_file(source() / "deploy/alerts/sudare.test.yml"),
                     "alertname=\"(\\w+)\""),
            names_in(rules(), "- alert: (\\w+)"));
}

TEST(Operations, ThePageOfDoctorHasEveryCheckAndNoOther) {
  EXPECT_EQ(
      names_in(testkit::read_file(source() / "docs/doctor.md"), "\n\\| `([a-z]+\\.[a-z]+)` \\|"),
      Names(doctor::kChecks.begin(), doctor::kChecks.end()));
}

}  // namespace
}  // namespace sudare
