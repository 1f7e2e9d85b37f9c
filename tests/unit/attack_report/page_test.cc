#include "sim/attack/report/page.h"

#include <gmock/gmock.h>

#include <limits>
#include <regex>
#include <set>

#include "tests/unit/attack_report/sample_report.h"

namespace sudare::sim::attack {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(ReportPage, FetchesNothingAndRunsNothing) {
  const std::string html = to_html(sample_report());
  for (const char* reference : {"http://", "https://", "src=", "href=", "url(", "@import",
                                "<script", "<link", "<iframe", "<object", "javascript:"}) {
    EXPECT_THAT(html, Not(HasSubstr(reference)));
  }
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(ReportPage, EscapesWhatAnOperatorWrote) {
  const std::string attack = "<script>alert('\"&')</script>";
  Report report = sample_report();
  report.title = report.policy = report.purpose = report.command = attack;
  report.subjects[0].name = report.subjects[0].description = attack;
  report.goals[0].name = report.goals[0].note = report.goals[0].network = attack;
  report.goals[0].subject = report.goals[0].measured = report.goals[0].target = attack;
  report.controls[0].name = report.controls[0].network = attack;
  report.curves[0].attack = report.curves[0].network = report.curves[0].subject = attack;
  report.uniqueness[0].network = report.uniqueness[0].subject = attack;
  report.utility[0].name = report.utility[0].subject = report.utility[0].unit = attack;
  report.real_traces[1].not_run = report.real_traces[1].data_set = attack;
  report.maps[0].network = report.maps[0].subject = attack;
  const std::string html = to_html(report);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("alert('")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"));
}

TEST(ReportPage, AMissedGoalShowsAsMissedWithItsNote) {
  Report report = sample_report();
  EXPECT_EQ(count_of(to_html(report), "✗"), 0U);
  report.goals[3].pass = false;
  report.goals[3].note = "a ring of 2 km was tried";
  const std::string html = to_html(report);
  EXPECT_EQ(count_of(html, "✗&nbsp;missed"), 2U);  // the verdict and the goal
  EXPECT_THAT(html, HasSubstr("a ring of 2 km was tried"));
}

TEST(ReportPage, AControlThatIsNotBrokenDisownsEveryFigure) {
  Report report = sample_report();
  report.controls[0].broken = false;
  const std::string html = to_html(report);
  EXPECT_THAT(html, HasSubstr("A weak attacker proves nothing"));
  EXPECT_THAT(html, HasSubstr("✗&nbsp;not broken"));
}

TEST(ReportPage, SaysPlainlyThatAPurposeGetsNoPosition) {
  Report report = sample_report();
  report.subjects.push_back({"diagnostics", "Faults only.", false, {}});
  EXPECT_THAT(to_html(report), HasSubstr("diagnostics</th><td><b>No position.</b>"));
}

TEST(ReportPage, EveryPictureHasATextAlternativeAndEveryIdIsUnique) {
  const std::string html = to_html(sample_report());
  EXPECT_EQ(count_of(html, "role=\"img\""), count_of(html, "<desc id="));
  EXPECT_EQ(count_of(html, "<table>"), count_of(html, "<caption>"));
  const std::regex id(" id=\"([^\"]+)\"");
  std::multiset<std::string> ids;
  for (std::sregex_iterator at(html.begin(), html.end(), id), end; at != end; ++at) {
    ids.insert((*at)[1]);
  }
  EXPECT_GT(ids.size(), 40U);
  for (const std::string& one : ids) EXPECT_EQ(ids.count(one), 1U) << one;
}

TEST(ReportPage, AnEmptyReportIsAPageThatClaimsNothing) {
  const std::string html = to_html(Report{});
  EXPECT_THAT(html, HasSubstr("No goal was measured."));
  EXPECT_THAT(html, Not(HasSubstr("✓")));
}

TEST(ReportPage, FiguresAreFinite) {
  Report report = sample_report();
  report.maps.push_back({});
  report.curves[0].within_250m = std::numeric_limits<double>::quiet_NaN();
  const std::string html = to_html(report);
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf ")));
}

}  // namespace
}  // namespace sudare::sim::attack
