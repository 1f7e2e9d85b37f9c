#include "sim/fleet/reckoning.h"

#include <gtest/gtest.h>

namespace sudare::sim::fleet {
namespace {

constexpr PurposeIndex kTraffic = 0;      // without pseudonym
constexpr PurposeIndex kDiagnostics = 1;  // with one
constexpr PurposeIndex kHashed = 2;       // its records hold field pseudonyms

Policy three_purposes() {
  Policy policy;
  policy.purposes.resize(3);
  policy.purposes[kTraffic].name = "traffic";
  policy.purposes[kDiagnostics].name = "diagnostics";
  policy.purposes[kDiagnostics].pseudonym = PseudonymKind::kRotate;
  policy.purposes[kHashed].name = "hashed";
  policy.purposes[kHashed].pseudonym = PseudonymKind::kRotate;
  ReleasePlan release;
  release.purpose = kHashed;
  release.rules.resize(1);
  release.rules[0].action = Action::kPseudonymize;
  policy.sources.resize(1);
  policy.sources[0].releases = {release};
  return policy;
}

class FleetReckoning : public testing::Test {
 protected:
  FleetReckoning() {
    for (Reckoning* one : {&alone_, &shared_}) {
      one->know(name('a'), 1);
      one->know(name('b'), 2);
    }
  }
  static Pseudonym name(char letter) {
    Pseudonym pseudonym{};
    pseudonym.fill(static_cast<std::uint8_t>(letter));
    return pseudonym;
  }
  static std::string text(char letter) { return std::string(16, letter); }
  static ReckonedRecord record(std::string_view payload) { return {"topic", 1000, payload}; }

  const Policy policy_ = three_purposes();
  Reckoning alone_{policy_, false};
  Reckoning shared_{policy_, true};
};

TEST_F(FleetReckoning, WhatIsOpenedAsExpectedIsClean) {
  alone_.expect(kTraffic, 1, record("x"));
  alone_.expect(kDiagnostics, 2, record("y"));
  EXPECT_EQ(alone_.outstanding(), 2U);
  alone_.opened(kTraffic, "", record("x"));
  alone_.opened(kDiagnostics, text('b'), record("y"));
  EXPECT_EQ(alone_.outstanding(), 0U);
  for (const PurposeReckoning& purpose : alone_.result()) {
    EXPECT_EQ(purpose.opened, purpose.expected);
    EXPECT_EQ(purpose.lost + purpose.duplicated + purpose.altered + purpose.foreign, 0U);
  }
}

TEST_F(FleetReckoning, WhatDoesNotArriveIsLost) {
  alone_.expect(kTraffic, 1, record("x"));
  alone_.expect(kTraffic, 2, record("x"));
  alone_.opened(kTraffic, "", record("x"));
  EXPECT_EQ(alone_.result()[kTraffic].lost, 1U);
}

TEST_F(FleetReckoning, WhatArrivesOnceMoreIsDuplicated) {
  alone_.expect(kDiagnostics, 1, record("x"));
  alone_.opened(kDiagnostics, text('a'), record("x"));
  alone_.opened(kDiagnostics, text('a'), record("x"));
  EXPECT_EQ(alone_.result()[kDiagnostics].duplicated, 1U);
  EXPECT_EQ(alone_.result()[kDiagnostics].altered, 0U);
}

TEST_F(FleetReckoning, AnotherPayloadTopicTimeOrPurposeIsAltered) {
  alone_.expect(kDiagnostics, 1, record("x"));
  alone_.opened(kDiagnostics, text('a'), record("X"));
  alone_.opened(kDiagnostics, text('a'), {"other", 1000, "x"});
  alone_.opened(kDiagnostics, text('a'), {"topic", 1001, "x"});
  alone_.opened(kTraffic, "", record("x"));
  EXPECT_EQ(alone_.result()[kDiagnostics].altered, 3U);
  EXPECT_EQ(alone_.result()[kDiagnostics].lost, 1U);
  EXPECT_EQ(alone_.result()[kTraffic].altered, 1U);
}

TEST_F(FleetReckoning, ARecordUnderAnotherCarsPseudonymIsAltered) {
  alone_.expect(kDiagnostics, 1, record("x"));
  alone_.opened(kDiagnostics, text('b'), record("x"));
  EXPECT_EQ(alone_.result()[kDiagnostics].altered, 1U);
  EXPECT_EQ(alone_.result()[kDiagnostics].lost, 1U);
}

TEST_F(FleetReckoning, APseudonymOfNoCarIsAlteredUnlessOthersSendToo) {
  alone_.opened(kDiagnostics, text('z'), record("x"));
  shared_.opened(kDiagnostics, text('z'), record("x"));
  EXPECT_EQ(alone_.result()[kDiagnostics].altered, 1U);
  EXPECT_EQ(shared_.result()[kDiagnostics].altered, 0U);
  EXPECT_EQ(shared_.result()[kDiagnostics].foreign, 1U);
}

TEST_F(FleetReckoning, WhereOthersSendAnOwnCarsRecordThatIsWrongIsStillAltered) {
  shared_.expect(kDiagnostics, 1, record("x"));
  shared_.opened(kDiagnostics, text('a'), record("X"));
  EXPECT_EQ(shared_.result()[kDiagnostics].altered, 1U);
}

TEST_F(FleetReckoning, WhereOthersSendOneTooManyWithoutPseudonymIsForeign) {
  shared_.expect(kTraffic, 1, record("x"));
  shared_.opened(kTraffic, "", record("x"));
  shared_.opened(kTraffic, "", record("x"));
  EXPECT_EQ(shared_.result()[kTraffic].foreign, 1U);
  EXPECT_EQ(shared_.result()[kTraffic].opened, 1U);
  EXPECT_EQ(shared_.result()[kTraffic].duplicated, 0U);
}

TEST_F(FleetReckoning, FieldPseudonymsAreTheCarsSecretAndNotCompared) {
  alone_.expect(kHashed, 1, record("id=0123456789abcdef;n=1"));
  alone_.expect(kDiagnostics, 1, record("id=0123456789abcdef;n=1"));
  alone_.opened(kHashed, text('a'), record("id=fedcba9876543210;n=1"));
  alone_.opened(kDiagnostics, text('a'), record("id=fedcba9876543210;n=1"));
  EXPECT_EQ(alone_.result()[kHashed].altered, 0U);
  EXPECT_EQ(alone_.result()[kDiagnostics].altered, 1U);
}

}  // namespace
}  // namespace sudare::sim::fleet
