#include "sim/attack/report/outcome.h"

#include <gmock/gmock.h>

#include "tests/unit/attack_report/sample_report.h"

namespace sudare::sim::attack {
namespace {

TEST(ReportOutcome, OneGoalMissedIsMissed) {
  Report report = sample_report();
  EXPECT_EQ(outcome(report), Outcome::kMet);
  report.goals.back().pass = false;
  EXPECT_EQ(outcome(report), Outcome::kMissed);
  EXPECT_EQ(goals_met(report).met + 1, goals_met(report).total);
}

TEST(ReportOutcome, AControlThatIsNotBrokenOutweighsEveryGoal) {
  Report report = sample_report();
  report.controls[2].broken = false;
  EXPECT_EQ(outcome(report), Outcome::kWeakAttackers);
  report.goals.back().pass = false;
  EXPECT_EQ(outcome(report), Outcome::kWeakAttackers);
}

TEST(ReportOutcome, NothingMeasuredIsNotMet) {
  Report report = sample_report();
  report.goals.clear();
  EXPECT_EQ(outcome(report), Outcome::kMissed);
  report = sample_report();
  report.controls.clear();
  EXPECT_EQ(outcome(report), Outcome::kWeakAttackers);
}

TEST(ReportOutcome, RealTracesThatMissTheirTargetCount) {
  Report report = sample_report();
  report.real_traces[0].pass = false;
  EXPECT_EQ(outcome(report), Outcome::kMissed);
}

TEST(ReportOutcome, RealTracesThatWereNotRunCountNeitherWay) {
  Report report = sample_report();
  report.real_traces.clear();
  const std::size_t goals = goals_met(report).total;
  report.real_traces.push_back({"uci-354", "mesh", "its files are not here", 0, 0, 0, 0.2, false});
  EXPECT_EQ(goals_met(report).total, goals);
}

}  // namespace
}  // namespace sudare::sim::attack
