// What a rule makes of one value, whatever the message says its type is. Refusals first: a value
// that is not of the form that the rule needs is dropped.
#include "gateway/minimize/value_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace sudare {
namespace {

constexpr std::uint32_t kMinuteMs = 60'000;
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

class ValueRulesTest : public testing::Test {
 protected:
  static FieldNode node(FieldType type, v1::Unit unit = v1::UNIT_UNSPECIFIED) {
    FieldNode made;
    made.type = type;
    made.unit = unit;
    return made;
  }
  static Item integer(std::int64_t value, ValueType type = ValueType::kInt) {
    Item item;
    item.type = type;
    item.integer = value;
    return item;
  }
  static Item natural(std::uint64_t value) {
    Item item;
    item.type = ValueType::kUint;
    item.natural = value;
    return item;
  }
  static Item real(double value) {
    Item item;
    item.type = ValueType::kDouble;
    item.real = value;
    return item;
  }
  static Item nothing() { return Item{}; }
  Item text(const std::string& value, ValueType type = ValueType::kText) {
    Item item;
    item.type = type;
    item.text = {static_cast<std::uint32_t>(kept_.text.size()),
                 static_cast<std::uint32_t>(value.size())};
    kept_.text += value;
    return item;
  }
  // What the item became: "refused", or its value as text.
  [[nodiscard]] std::string shown(bool done, const Item& item) const {
    if (!done) return "refused";
    switch (item.type) {
      case ValueType::kInt: return std::to_string(item.integer);
      case ValueType::kDouble: return std::to_string(item.real) + " real";
      case ValueType::kText: return kept_.text.substr(item.text.offset, item.text.length);
      default: return "of another type";
    }
  }
  std::string bucketed(const FieldNode& field, Item item, std::uint32_t bucket_ms = kMinuteMs) {
    const bool done = apply_bucket(field, bucket_ms, item, kept_);
    return shown(done, item);
  }
  std::string coarsened(const FieldNode& field, Item item, double step = 5) {
    const bool done = apply_coarsen(field, Coarsen(step, 0, 0), item, kept_);
    return shown(done, item);
  }
  std::string pseudonym(const FieldNode& field, Item item) {
    const bool done = apply_pseudonym(field, &key_, item, kept_);
    return shown(done, item);
  }
  std::string generalized(FieldNode field, Item item) {
    field.personal = v1::VIN;
    const bool done = apply_generalize(field, item, kept_);
    return shown(done, item);
  }

  RecordBody kept_;
  SecretBytes<32> key_;
};

TEST_F(ValueRulesTest, AnIntegerFitsItsTypeToTheLastOne) {
  constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
  for (const FieldType type : {FieldType::kInt32, FieldType::kSint32, FieldType::kSfixed32}) {
    EXPECT_TRUE(fits(type, kInt32Min) && fits(type, kInt32Max));
    EXPECT_FALSE(fits(type, kInt32Min - 1) || fits(type, kInt32Max + 1));
  }
  for (const FieldType type : {FieldType::kUint32, FieldType::kFixed32}) {
    EXPECT_TRUE(fits(type, 0) && fits(type, kUint32Max));
    EXPECT_FALSE(fits(type, -1) || fits(type, kUint32Max + 1));
  }
  for (const FieldType type : {FieldType::kUint64, FieldType::kFixed64}) {
    EXPECT_TRUE(fits(type, 0) && fits(type, kInt64Max));
    EXPECT_FALSE(fits(type, -1));
  }
  for (const FieldType type : {FieldType::kInt64, FieldType::kString, FieldType::kJson}) {
    EXPECT_TRUE(fits(type, -kInt64Max) && fits(type, kInt64Max));
  }
}

TEST_F(ValueRulesTest, WhatIsNoTimeIsNotBucketed) {
  const FieldNode ms = node(FieldType::kJson, v1::MILLISECONDS);
  EXPECT_EQ(bucketed(ms, integer(kInt64Max)), "refused");
  EXPECT_EQ(bucketed(ms, natural(std::uint64_t{1} << 63)), "refused");
  EXPECT_EQ(bucketed(ms, real(std::nan(""))), "refused");
  EXPECT_EQ(bucketed(ms, nothing()), "refused");
  EXPECT_EQ(bucketed(ms, integer(1, ValueType::kBool)), "refused");
  for (const char* value : {"noon", "", "9223372036854775807", "1e300"}) {
    EXPECT_EQ(bucketed(ms, text(value)), "refused") << value;
  }
  const FieldNode meters = node(FieldType::kJson, v1::METERS);
  EXPECT_EQ(bucketed(meters, integer(1)), "refused");
  EXPECT_EQ(bucketed(meters, real(1)), "refused");
  EXPECT_EQ(bucketed(meters, text("1")), "refused");
}

TEST_F(ValueRulesTest, ATimeIsFlooredInItsUnitAndForm) {
  for (const v1::Unit unit : {v1::MILLISECONDS, v1::UNIT_UNSPECIFIED}) {
    EXPECT_EQ(bucketed(node(FieldType::kJson, unit), integer(119'999)), "60000");
    EXPECT_EQ(bucketed(node(FieldType::kJson, unit), natural(119'999)), "60000");
    EXPECT_EQ(bucketed(node(FieldType::kJson, unit), real(119'999.5)), "60000.000000 real");
  }
  const FieldNode seconds = node(FieldType::kString, v1::SECONDS);
  EXPECT_EQ(bucketed(seconds, integer(119)), "60");
  EXPECT_EQ(bucketed(seconds, text("119")), "60");
  EXPECT_EQ(bucketed(seconds, text("119.5")), "60");
  const FieldNode unstated = node(FieldType::kString);
  EXPECT_EQ(bucketed(unstated, text("2026-11-22T03:02:59Z")), "2026-11-22T03:02:00Z");
}

TEST_F(ValueRulesTest, ATimeThatDoesNotFitItsFieldIsDropped) {
  EXPECT_EQ(bucketed(node(FieldType::kUint32, v1::SECONDS), integer(-1)), "refused");
  EXPECT_EQ(bucketed(node(FieldType::kInt32, v1::MILLISECONDS), integer(1'700'000'000'000)),
            "refused");
}

TEST_F(ValueRulesTest, WhatIsNoNumberIsNotCoarsened) {
  const FieldNode json = node(FieldType::kJson);
  for (const char* value : {"warm", "", "9223372036854775807", "1e300", "nan"}) {
    EXPECT_EQ(coarsened(json, text(value)), "refused") << value;
  }
  EXPECT_EQ(coarsened(json, nothing()), "refused");
  EXPECT_EQ(coarsened(json, text("7", ValueType::kBytes)), "refused");
  EXPECT_EQ(coarsened(json, integer(1, ValueType::kBool)), "refused");
  EXPECT_EQ(coarsened(json, real(std::nan(""))), "refused");
  EXPECT_EQ(coarsened(json, natural(std::numeric_limits<std::uint64_t>::max())), "refused");
  // A number that stands for something else has no steps.
  EXPECT_EQ(coarsened(node(FieldType::kEnum), integer(7)), "refused");
  EXPECT_EQ(coarsened(node(FieldType::kBool), integer(1)), "refused");
}

TEST_F(ValueRulesTest, ANumberGoesDownToItsStepAndKeepsItsForm) {
  EXPECT_EQ(coarsened(node(FieldType::kInt32), integer(-1)), "-5");
  EXPECT_EQ(coarsened(node(FieldType::kUint64), natural(53)), "50");
  EXPECT_EQ(coarsened(node(FieldType::kDouble), real(53.5)), "50.000000 real");
  EXPECT_EQ(coarsened(node(FieldType::kFloat), real(static_cast<double>(0.7F)), 0.1),
            "0.700000 real");
  EXPECT_EQ(coarsened(node(FieldType::kString), text("53")), "50");
  EXPECT_EQ(coarsened(node(FieldType::kString), text("21.37"), 0.1), "21.3");
  EXPECT_EQ(coarsened(node(FieldType::kUint32), integer(-1)), "refused") << "-5 does not fit";
}

TEST_F(ValueRulesTest, APseudonymNeedsAKeyAndAFieldThatHoldsText) {
  Item item = text("A-1");
  EXPECT_FALSE(apply_pseudonym(node(FieldType::kString), nullptr, item, kept_));
  EXPECT_EQ(pseudonym(node(FieldType::kInt32), integer(5)), "refused");
  EXPECT_EQ(pseudonym(node(FieldType::kBytes), text("A-1", ValueType::kBytes)), "refused");
  EXPECT_EQ(pseudonym(node(FieldType::kJson), nothing()), "refused");
  EXPECT_EQ(pseudonym(node(FieldType::kJson), integer(1, ValueType::kBool)), "refused");
}

TEST_F(ValueRulesTest, ANumbersPseudonymIsThatOfItsText) {
  const FieldNode json = node(FieldType::kJson);
  const std::string five = pseudonym(json, text("5"));
  EXPECT_EQ(five.size(), 16U);
  EXPECT_EQ(pseudonym(json, integer(5)), five);
  EXPECT_EQ(pseudonym(json, natural(5)), five);
  EXPECT_EQ(pseudonym(json, real(5)), five);
  EXPECT_EQ(pseudonym(json, text("5", ValueType::kBytes)), five);
  EXPECT_NE(pseudonym(json, real(5.5)), five);
}

TEST_F(ValueRulesTest, OnlyTextIsGeneralised) {
  const std::string vin = "JTDKN3DU5A0123456";
  EXPECT_EQ(generalized(node(FieldType::kString), text(vin)), "JTDKN3DU*A");
  EXPECT_EQ(generalized(node(FieldType::kString), text("?")), "refused");
  EXPECT_EQ(generalized(node(FieldType::kBytes), text(vin)), "refused");
  EXPECT_EQ(generalized(node(FieldType::kString), text(vin, ValueType::kBytes)), "refused");
  EXPECT_EQ(generalized(node(FieldType::kString), integer(5)), "refused");
}

}  // namespace
}  // namespace sudare
