#include "sim/attack/report/table.h"

#include <gmock/gmock.h>

#include "tests/unit/attack_report/sample_report.h"

namespace sudare::sim::attack {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ReportTable, AMissedGoalStandsOutAndIsCounted) {
  Report report = sample_report();
  EXPECT_THAT(to_table(report), HasSubstr("25 of 25 goals met, 12 of 12 controls broken."));
  EXPECT_THAT(to_table(report), Not(HasSubstr("MISSED")));
  report.goals[0].pass = false;
  report.goals[0].note = "tried a wider ring";
  EXPECT_THAT(to_table(report), HasSubstr("MISSED"));
  EXPECT_THAT(to_table(report), HasSubstr("tried a wider ring"));
  EXPECT_THAT(to_table(report), HasSubstr("24 of 25 goals met"));
}

TEST(ReportTable, AGoalOfAnUnknownSubjectIsNotLeftOut) {
  Report report = sample_report();
  report.goals[0].subject = "elsewhere";
  report.goals[0].pass = false;
  EXPECT_THAT(to_table(report), HasSubstr("\nelsewhere\n"));
  EXPECT_THAT(to_table(report), HasSubstr("MISSED"));
}

TEST(ReportTable, AWeakAttackerIsSaidLast) {
  Report report = sample_report();
  report.controls[0].broken = false;
  EXPECT_THAT(to_table(report), HasSubstr("NOT BROKEN"));
  EXPECT_THAT(to_table(report), testing::EndsWith("say nothing.\n"));
}

}  // namespace
}  // namespace sudare::sim::attack
