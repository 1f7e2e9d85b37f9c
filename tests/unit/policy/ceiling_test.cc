#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/support.h"

namespace sudare::policy_test {
namespace {

// Just above the good purposes.
std::string ceilings() {
  return R"(purpose {
  name: "service" recipient: ")" +
         recipient(1) + R"("
  ceiling { cell: M1000 time_bucket_ms: 60000 allow: [
    DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID,
    DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE,
    RADIO_ID, PERSON_NAME, FREE_TEXT, VIDEO, AUDIO] }
  longest_pseudonym { rotate_days: 28 } keep_hours_max: 72
}
purpose {
  name: "anonymous" ceiling { cell: M1000 allow: VIN }
  longest_pseudonym { none {} } keep_hours_max: 24
}
purpose {
  name: "owner" audience: OWNER
  ceiling { cell: EXACT allow: [
    DEALER, ALTITUDE, ODOMETER, TRIP_DISTANCE, ENERGY, AMBIENT, VIN, FRAME_NUMBER, TERMINAL_ID,
    DEVICE_SERIAL, PHONE, PLATE, ACCOUNT_ID, BEHAVIOUR, ROAD_LINK, PLACE_NAME, NMEA_SENTENCE,
    RADIO_ID, PERSON_NAME, FREE_TEXT, VIDEO, AUDIO] }
  longest_pseudonym { until_transfer {} } keep_hours_max: 72
}
purpose {
  name: "rescue" recipient: ")" +
         recipient(4) + R"("
  ceiling { cell: EXACT allow: [VIN, PHONE] } essential: true
  longest_pseudonym { rotate_days: 1 } keep_hours_max: 24 consent: LEGAL_OBLIGATION
}
)";
}

std::unique_ptr<const CeilingPlan> plan(const std::string& text) {
  CeilingLoad load = load_ceiling("ceiling", text);
  EXPECT_NE(load.ceiling, nullptr) << printed(load.diagnostics);
  return std::move(load.ceiling);
}

// The good purposes with one thing changed, under the ceiling.
void expect_above(const std::string& from, const std::string& to, const std::string& reason) {
  const auto ceiling = plan(ceilings());
  expect_refused(replaced(purposes(), from, to), reason, ceiling.get());
}
void expect_below(const std::string& from, const std::string& to) {
  const auto ceiling = plan(ceilings());
  expect_accepted(replaced(purposes(), from, to), ceiling.get());
}

TEST(PolicyCeilingTest, WhatIsBelowIsAccepted) {
  const auto ceiling = plan(ceilings());
  expect_accepted(purposes(), ceiling.get());
}

TEST(PolicyCeilingTest, APurposeCannotBeAdded) {
  expect_above("\"anonymous\"", "^\"stranger\"", "has no purpose \"stranger\"");
}

TEST(PolicyCeilingTest, PinnedRecipientsArePinned) {
  expect_above("\"" + recipient(4) + "\"", "^\"" + recipient(5) + "\"", "not among those");
  expect_above("\"" + recipient(1) + "\"",
               "\"" + recipient(1) + "\" recipient: ^\"" + recipient(5) + "\"", "not among those");
  expect_below(recipient(2), recipient(5));
}

TEST(PolicyCeilingTest, OnlyTheCeilingMakesEssential) {
  expect_above("linger_ms: 60000 batch_bytes_max: 4096", "essential: ^true batch_bytes_max: 4096",
               "be essential");
}

TEST(PolicyCeilingTest, CellsMustBeComparableAndNoFiner) {
  const std::string from = "ceiling { cell: M1000 allow: VIN }";
  expect_above(from, "ceiling { cell: ^M500 }", "finer than the image's ceiling");
  expect_below(from, "ceiling { cell: M5000 }");
  expect_below(from, "ceiling { }");
  const auto ceiling =
      plan(replaced(ceilings(), "cell: M1000 allow: VIN", "cell: M2000 allow: VIN"));
  expect_refused(replaced(purposes(), from, "ceiling { cell: ^M5000 }"), "can't be compared",
                 ceiling.get());
  const auto none = plan(replaced(ceilings(), "cell: M1000 allow: VIN", "allow: VIN"));
  expect_refused(replaced(purposes(), from, "ceiling { cell: ^M80000 }"), "no position",
                 none.get());
}

TEST(PolicyCeilingTest, TimesAndClassesAreBounded) {
  expect_above("time_bucket_ms: 60000", "time_bucket_ms: ^59999", "times are finer");
  expect_below("time_bucket_ms: 60000", "time_bucket_ms: 60001");
  expect_above("allow: [VIN, PHONE]", "allow: [VIN, ^PLATE]", "doesn't allow PLATE");
  expect_below("allow: [VIN, PHONE]", "allow: PHONE");
}

TEST(PolicyCeilingTest, PseudonymsAreBounded) {
  expect_above("pseudonym { rotate_days: 28 }", "^pseudonym { rotate_days: 91 }", "lives longer");
  expect_above("pseudonym { rotate_days: 28 }", "^pseudonym { until_transfer {} }", "lives longer");
  expect_above("pseudonym { none {} }", "^pseudonym { rotate_days: 1 }", "lives longer");
  expect_below("pseudonym { rotate_days: 28 }", "pseudonym { rotate_days: 7 }");
  expect_below("pseudonym { until_transfer {} }", "pseudonym { rotate_days: 364 }");
}

// H3 of the review: a day's records in one batch are linked, though nothing links two batches.
TEST(PolicyCeilingTest, WhatABatchLinksIsBoundedWhereNothingElseMayLink) {
  const std::string from = "linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24";
  expect_above(from, "linger_ms: ^300001 batch_bytes_max: 4096 keep_hours: 24",
               "for longer than the image's ceiling");
  expect_above(from, "linger_ms: 60000 batch_bytes_max: ^4097 keep_hours: 24",
               "links more records than the image's ceiling");
  expect_below(from, "linger_ms: 300000 batch_bytes_max: 1024 keep_hours: 24");
}

TEST(PolicyCeilingTest, TheCeilingSaysWhatABatchMayLink) {
  const std::string from = "linger_ms: 60000 batch_bytes_max: 4096 keep_hours: 24";
  const auto wider = plan(replaced(ceilings(), "longest_pseudonym { none {} }",
                                   "longest_pseudonym { none {} } linger_ms_max: 400000 "
                                   "batch_bytes_max: 8192"));
  const std::string most = "linger_ms: 400000 batch_bytes_max: 8192 keep_hours: 24";
  expect_accepted(replaced(purposes(), from, most), wider.get());
  expect_refused(replaced(purposes(), from, replaced(most, "400000", "^400001")),
                 "for longer than the image's ceiling", wider.get());
  expect_refused(replaced(purposes(), from, replaced(most, "8192", "^8193")),
                 "links more records than the image's ceiling", wider.get());
  const auto bucket = plan(replaced(ceilings(), "ceiling { cell: M1000 allow: VIN }",
                                    "ceiling { cell: M1000 allow: VIN time_bucket_ms: 900000 }"));
  expect_accepted(replaced(replaced(purposes(), from,
                                    replaced(most, "400000 batch_bytes_max: 8192",
                                             "900000 batch_bytes_max: 4096")),
                           "ceiling { cell: M1000 allow: VIN }",
                           "ceiling { cell: M1000 allow: VIN time_bucket_ms: 900000 }"),
                  bucket.get());
}

TEST(PolicyCeilingTest, KeepingIsBounded) {
  expect_above("batch_bytes_max: 4096 keep_hours: 24", "batch_bytes_max: 4096 keep_hours: ^25",
               "keep_hours is above");
  expect_below("batch_bytes_max: 4096 keep_hours: 24", "batch_bytes_max: 4096 keep_hours: 23");
}

TEST(PolicyCeilingTest, ConsentIsBoundedAndOptInWhereNothingIsSaid) {
  expect_above("pseudonym { none {} } consent: OPT_IN", "pseudonym { none {} } consent: ^OPT_OUT",
               "rest on OPT_OUT");
  expect_above("consent: LEGAL_OBLIGATION", "consent: ^OPT_IN", "rest on OPT_IN");
}

TEST(PolicyCeilingTest, TheAudienceIsBounded) {
  expect_above("ceiling { cell: M1000 allow: VIN }",
               "audience: ^EVIDENCE ceiling { cell: M1000 allow: VIN }", "the audience SERVICE");
}

void expect_bad_ceiling(const std::string& text, const std::string& reason) {
  const CeilingLoad load = load_ceiling("c", text);
  EXPECT_EQ(load.ceiling, nullptr);
  EXPECT_THAT(printed(load.diagnostics), testing::HasSubstr(reason));
}

TEST(PolicyCeilingTest, ACeilingIsCheckedItself) {
  const auto changed = [](const std::string& from, const std::string& to) {
    return replaced(ceilings(), from, to);
  };
  expect_bad_ceiling("", "the ceiling has no purpose");
  expect_bad_ceiling("purpose { nam: \"x\" }", "c:1:11: unknown field \"nam\"");
  expect_bad_ceiling(changed("recipient: \"" + recipient(4) + "\"", ""), "pins no recipient");
  expect_bad_ceiling(changed(recipient(4), "${RESCUE_RECIPIENT}"), "placeholder");
  expect_bad_ceiling(changed("longest_pseudonym { none {} }", ""), "says nothing about pseudonyms");
  expect_bad_ceiling(changed("rotate_days: 28", "rotate_days: 29"), "no such rotation");
  expect_bad_ceiling(changed("keep_hours_max: 24 consent", "consent"), "nothing to be kept");
  const std::string none = "longest_pseudonym { none {} }";
  expect_bad_ceiling(changed(none, none + " linger_ms_max: 86400001"), "1 to 86400000");
  expect_bad_ceiling(changed(none, none + " batch_bytes_max: 1023"), "1024 to 1048576");
  expect_bad_ceiling(changed("{ rotate_days: 28 }", "{ rotate_days: 28 } linger_ms_max: 1"),
                     "batches that nothing links");
  expect_bad_ceiling(changed("\"anonymous\"", "\"service\""), "declared twice");
  expect_bad_ceiling(changed("\"anonymous\"", "\"A b\""), "a name of its own");
}

}  // namespace
}  // namespace sudare::policy_test
