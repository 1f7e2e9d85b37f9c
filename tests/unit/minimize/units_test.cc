// The mechanisms that look at one value.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "gateway/minimize/coarsen.h"
#include "gateway/minimize/generalize.h"
#include "gateway/minimize/position_encoding.h"
#include "gateway/minimize/pseudonymize.h"
#include "gateway/minimize/rate.h"
#include "gateway/minimize/time_bucket.h"

namespace sudare {
namespace {

// --- Coarsen

TEST(Coarsen, RefusesStepsThatAreNone) {
  for (const double step : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(Coarsen(step, 0, 0).integer(7)) << step;
    EXPECT_FALSE(Coarsen(step, 0, 0).real(7)) << step;
  }
}

TEST(Coarsen, RefusesValuesWithoutMultiple) {
  const Coarsen coarsen(0.1, 0, 0);
  EXPECT_FALSE(coarsen.real(std::nan("")));
  EXPECT_FALSE(coarsen.real(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(coarsen.real(1e300));
  EXPECT_FALSE(Coarsen(1000, 0, 0).integer(INT64_MIN));
  EXPECT_FALSE(Coarsen(1000, 0, 0).natural(UINT64_MAX));
  EXPECT_FALSE(Coarsen(5, -1000, -10).natural(7));
  EXPECT_FALSE(Coarsen(std::nan(""), 0, 0).natural(7));
  EXPECT_FALSE(coarsen.single(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_FALSE(Coarsen(5, 1e300, 2e300).integer(7)) << "clamped to what no integer is";
}

TEST(Coarsen, AStepThatIsNoDecimalHasItsMultiples) {
  const Coarsen third(1.0 / 3, 0, 0);
  EXPECT_DOUBLE_EQ(*third.real(1.1), 1.0);
  EXPECT_DOUBLE_EQ(*third.real(0.7), 2.0 / 3);
  EXPECT_EQ(Coarsen(1e17, 0, 0).real(1.5e17), 1e17);
}

TEST(Coarsen, IntegersGoDown) {
  const Coarsen coarsen(5, 0, 0);
  EXPECT_EQ(coarsen.integer(53), 50);
  EXPECT_EQ(coarsen.integer(50), 50);
  EXPECT_EQ(coarsen.integer(-1), -5);
  EXPECT_EQ(coarsen.integer(-5), -5);
  EXPECT_EQ(coarsen.natural(4), 0U);
}

TEST(Coarsen, IntegersStayIntegersUnderABrokenStep) {
  EXPECT_EQ(Coarsen(2.5, 0, 0).integer(4), 2);
  EXPECT_EQ(Coarsen(0.1, 0, 0).integer(4), 4);
}

TEST(Coarsen, DecimalStepsAreExact) {
  const Coarsen tenth(0.1, 0, 0);
  EXPECT_EQ(tenth.real(0.3), 0.3);
  EXPECT_EQ(tenth.real(0.1 + 0.2), 0.3);
  EXPECT_EQ(tenth.real(12.37), 12.3);
  EXPECT_EQ(tenth.real(-0.05), -0.1);
  EXPECT_EQ(Coarsen(0.05, 0, 0).real(1.19), 1.15);
  EXPECT_EQ(Coarsen(1e-9, 0, 0).real(0.0000000015), 1e-9);
}

TEST(Coarsen, AFloatStandsForItsDecimal) {
  EXPECT_EQ(Coarsen(0.1, 0, 0).single(0.7F), 0.7);
  EXPECT_EQ(Coarsen(0.1, 0, 0).single(0.79F), 0.7);
}

TEST(Coarsen, EveryDecimalMultipleStaysItself) {
  for (int i = -2000; i <= 2000; ++i) {
    EXPECT_EQ(Coarsen(0.1, 0, 0).real(i / 10.0), i / 10.0);
    EXPECT_EQ(Coarsen(0.25, 0, 0).real(i / 4.0), i / 4.0);
  }
}

TEST(Coarsen, NeverRaisesAndNeverLosesAStep) {
  const unsigned seed = 4;
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> values(-1e6, 1e6);
  for (int i = 0; i < 100'000; ++i) {
    const double value = values(random);
    const double coarse = *Coarsen(0.3, 0, 0).real(value);
    ASSERT_LE(coarse, value + 1e-9);
    ASSERT_GT(coarse, value - 0.3 - 1e-9);
  }
}

TEST(Coarsen, ClampsTheResult) {
  const Coarsen coarsen(10, 20, 130);
  EXPECT_EQ(coarsen.integer(3), 20);
  EXPECT_EQ(coarsen.integer(181), 130);
  EXPECT_EQ(coarsen.real(57.5), 50.0);
  EXPECT_EQ(Coarsen(10, 5, 5).integer(3), 0) << "most is not greater than least: no clamp";
}

// --- Time

TEST(TimeBucket, RefusesWhatIsNoTime) {
  EXPECT_FALSE(bucket_milliseconds(INT64_MAX, 60'000));
  EXPECT_FALSE(bucket_milliseconds(INT64_MIN, 60'000));
  EXPECT_FALSE(bucket_seconds(INT64_MAX, 60'000));
  EXPECT_FALSE(bucket_seconds(std::nan(""), 60'000));
  EXPECT_FALSE(bucket_milliseconds(1e300, 60'000));
  EXPECT_FALSE(bucket_seconds(INT64_MIN, 60'000));
}

TEST(TimeBucket, FloorsAlsoBefore1970) {
  EXPECT_EQ(bucket_milliseconds(std::int64_t{119'999}, 60'000), 60'000);
  EXPECT_EQ(bucket_milliseconds(std::int64_t{120'000}, 60'000), 120'000);
  EXPECT_EQ(bucket_milliseconds(std::int64_t{-1}, 60'000), -60'000);
  EXPECT_EQ(bucket_milliseconds(std::int64_t{-60'000}, 60'000), -60'000);
  EXPECT_EQ(bucket_seconds(std::int64_t{119}, 60'000), 60);
  EXPECT_EQ(bucket_seconds(std::int64_t{-1}, 60'000), -60);
  EXPECT_EQ(bucket_seconds(std::int64_t{8}, 1500), 7) << "7.5 s, as a whole second";
  EXPECT_EQ(bucket_seconds(119.9, 60'000), 60.0);
}

std::string iso(const std::string& text, std::uint32_t bucket_ms) {
  std::string out = ">";
  return bucket_iso_8601(text, bucket_ms, out) ? out : "refused" + out;
}

TEST(TimeBucket, RefusesTextThatIsNoTime) {
  for (const char* const text : {"",
                                 "now",
                                 "2026",
                                 "2026-11",
                                 "2026-13-01",
                                 "2026-02-30",
                                 "2026-11-22T",
                                 "2026-11-22T03",
                                 "2026-11-22T25:00",
                                 "2026-11-22T03:61",
                                 "2026-11-22T03:02:61",
                                 "2026-11-22T03:02:00.",
                                 "2026-11-22T03:02:00+",
                                 "2026-11-22T03:02:00+09:0",
                                 "2026-11-22T03:02:00Zulu",
                                 "2026-11-22T03:02:00.1234567890Z",
                                 "x2026-11-22",
                                 "2026-11-xx",
                                 "2026-11-22x03:02",
                                 "2026-11-22T03:02x",
                                 "2026-11-22T03:02:00+09:00x",
                                 "2026-11-22T03:02:00+09:xx"}) {
    EXPECT_EQ(iso(text, 60'000), "refused>") << text;
  }
}

// Its four digits could not say it.
TEST(TimeBucket, AYearBefore0OrAfter9999IsRefused) {
  EXPECT_EQ(iso("9999-12-31T23:59:00Z", 60'000), ">9999-12-31T23:59:00Z");
  EXPECT_EQ(iso("9999-12-31T23:59:60Z", 60'000), "refused>");
  EXPECT_EQ(iso("9999-12-31T23:59:59-12:00", 60'000), "refused>");
  EXPECT_EQ(iso("0000-01-01T00:00:00+09:00", 86'400'000), "refused>");
}

TEST(TimeBucket, TextKeepsItsForm) {
  EXPECT_EQ(iso("2026-11-22T03:17", 3'600'000), ">2026-11-22T03:00");
  EXPECT_EQ(iso("2026-11-22T03:02:59Z", 60'000), ">2026-11-22T03:02:00Z");
  EXPECT_EQ(iso("2026-11-22t03:02:59.987654z", 60'000), ">2026-11-22t03:02:00.000000z");
  EXPECT_EQ(iso("2026-11-22 12:02:59,9+09:00", 900'000), ">2026-11-22 12:00:00,0+09:00");
  EXPECT_EQ(iso("2026-11-22T12:17+0530", 3'600'000), ">2026-11-22T11:30+0530");
  EXPECT_EQ(iso("2026-11-22T00:10:00-01", 86'400'000), ">2026-11-21T23:00:00-01");
  EXPECT_EQ(iso("2026-11-22", 86'400'000), ">2026-11-22");
  EXPECT_EQ(iso("1969-12-31T23:59:59.999Z", 60'000), ">1969-12-31T23:59:00.000Z");
  EXPECT_EQ(iso("2026-11-22T03:02:00.987Z", 100), ">2026-11-22T03:02:00.900Z");
}

// --- Generalise

std::string general(v1::PersonalClass personal, const std::string& text) {
  std::string out;
  return generalize(personal, text, out) ? out : "refused" + out;
}

TEST(Generalize, RefusesWhatIsNoVehicleIdentifier) {
  for (const char* const text : {"", "JTDKN3DU", "hello", "JTDKN3DU5A0123456X", "+81312345678"}) {
    EXPECT_EQ(general(v1::VIN, text), "refused") << text;
    EXPECT_EQ(general(v1::FRAME_NUMBER, text), "refused") << text;
  }
  EXPECT_EQ(general(v1::FREE_TEXT, "JTDKN3DU5A0123456"), "refused");
  EXPECT_EQ(general(v1::UNCLASSED, "JTDKN3DU5A0123456"), "refused");
}

TEST(Generalize, AVinKeepsMakerModelAndYear) {
  EXPECT_EQ(general(v1::VIN, "JTDKN3DU5A0123456"), "JTDKN3DU*A");
  EXPECT_EQ(general(v1::VIN, "jtdkn3du5a0123456"), "JTDKN3DU*A");
  EXPECT_EQ(general(v1::FRAME_NUMBER, "JTDKN3DU5A0123456"), "JTDKN3DU*A");
}

TEST(Generalize, NothingOfPlantSerialOrCheckDigitPasses) {
  for (const char* const same : {"JTDKN3DU0A1000001", "JTDKN3DUXA9ZZZZZ9"}) {
    EXPECT_EQ(general(v1::VIN, same), "JTDKN3DU*A");
  }
}

TEST(Generalize, AFrameNumberKeepsItsType) {
  EXPECT_EQ(general(v1::FRAME_NUMBER, "ZVW30-9999999"), "ZVW30");
  EXPECT_EQ(general(v1::VIN, "ZVW30-9999999"), "ZVW30");
  EXPECT_EQ(general(v1::FRAME_NUMBER, "国[01]00001国"), "refused");
}

// --- Pseudonymise

std::string pseudonym(std::uint8_t fill, v1::PersonalClass personal, const std::string& value) {
  SecretBytes<32> key;
  for (std::uint8_t& byte : key.bytes()) byte = fill;
  std::string out;
  pseudonymize(key, personal, value, out);
  return out;
}

TEST(Pseudonymize, DependsOnKeyClassAndValue) {
  const std::string one = pseudonym(1, v1::PLATE, "A");
  EXPECT_NE(one, pseudonym(2, v1::PLATE, "A"));
  EXPECT_NE(one, pseudonym(1, v1::PHONE, "A"));
  EXPECT_NE(one, pseudonym(1, v1::PLATE, "B"));
  EXPECT_EQ(one, pseudonym(1, v1::PLATE, "A"));
}

TEST(Pseudonymize, MatchesAnIndependentHmac) {
  // printf '\x2fA' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0101…01
  EXPECT_EQ(pseudonym(1, v1::PLATE, "A"), "ad172c91653edf5f");
}

// --- Rate

TEST(RateLimit, OneRecordPerInterval) {
  RateLimit rate;
  EXPECT_TRUE(rate.is_due(1000, 500));
  rate.released(1000);
  EXPECT_FALSE(rate.is_due(1499, 500));
  EXPECT_TRUE(rate.is_due(1500, 500));
}

TEST(RateLimit, WhatIsNotReleasedDoesNotCount) {
  RateLimit rate;
  EXPECT_TRUE(rate.is_due(1000, 500));
  EXPECT_TRUE(rate.is_due(1001, 500));
}

TEST(RateLimit, AClockThatGoesBackDelaysByAnIntervalAtMost) {
  RateLimit rate;
  rate.released(4'000'000'000'000);  // 2096
  EXPECT_FALSE(rate.is_due(1'700'000'000'000, 500));
  EXPECT_FALSE(rate.is_due(1'700'000'000'499, 500));
  EXPECT_TRUE(rate.is_due(1'700'000'000'500, 500));
}

TEST(RateLimit, SurvivesTheEndsOfTime) {
  RateLimit rate;
  rate.released(INT64_MIN);
  EXPECT_TRUE(rate.is_due(INT64_MAX, 500));
}

// --- Position encoding

TEST(PositionEncoding, RefusesWhatIsNoCoordinate) {
  EXPECT_FALSE(e7_of_number(std::nan(""), v1::DEGREES));
  EXPECT_FALSE(e7_of_number(1e300, v1::DEGREES));
  EXPECT_FALSE(e7_of_number(-361, v1::DEGREES));
  EXPECT_FALSE(e7_of_number(3560.5, v1::NMEA_DDMM)) << "60.5 minutes";
  EXPECT_FALSE(e7_of_number(1e12, v1::NMEA_DDMM));
  EXPECT_FALSE(e7_of_number(35, v1::METERS));
  EXPECT_FALSE(e7_of_integer(INT64_MAX, v1::DEGREES_E7));
  for (const char* const text : {"", "+", "north", "35.6N", " 35", "35,6", "nan", "inf", "0x23"}) {
    EXPECT_FALSE(e7_of_text(text, v1::DEGREES)) << text;
  }
}

TEST(PositionEncoding, ReadsEachUnit) {
  EXPECT_EQ(e7_of_number(35.6585805, v1::DEGREES), 356'585'805);
  EXPECT_EQ(e7_of_number(-0.00000005, v1::DEGREES), -1) << "rounded";
  EXPECT_EQ(e7_of_integer(356'585'805, v1::DEGREES_E7), 356'585'805);
  EXPECT_EQ(e7_of_integer(-35'658'580, v1::DEGREES_E6), -356'585'800);
  EXPECT_EQ(e7_of_number(3539.5149, v1::NMEA_DDMM), 356'585'817);
  EXPECT_EQ(e7_of_number(-13944.7, v1::NMEA_DDMM), -1'397'450'000);
  EXPECT_EQ(e7_of_text("-13944.7", v1::NMEA_DDMM), -1'397'450'000);
  EXPECT_EQ(e7_of_text("+35.5", v1::UNIT_UNSPECIFIED), 355'000'000);
}

TEST(PositionEncoding, WritesEachUnitAsANumber) {
  EXPECT_EQ(number_of_e7(356'585'805, v1::DEGREES_E7), 356'585'805.0);
  EXPECT_EQ(number_of_e7(-356'585'805, v1::DEGREES_E6), -35'658'581.0);
  EXPECT_EQ(number_of_e7(-1'397'450'000, v1::NMEA_DDMM), -13'944.7);
  EXPECT_EQ(number_of_e7(355'000'000, v1::DEGREES), 35.5);
}

TEST(PositionEncoding, WritesEachUnit) {
  std::string out;
  append_text_of_e7(out, -1'397'450'000, v1::NMEA_DDMM, Axis::kLongitude);
  out += ' ';
  append_text_of_e7(out, 56'585'817, v1::NMEA_DDMM, Axis::kLatitude);
  out += ' ';
  append_text_of_e7(out, 356'585'805, v1::DEGREES, Axis::kLatitude);
  out += ' ';
  append_text_of_e7(out, 1, v1::DEGREES, Axis::kLatitude);
  out += ' ';
  append_text_of_e7(out, 355'999'999'9, v1::NMEA_DDMM, Axis::kLongitude);
  EXPECT_EQ(out, "-13944.7000 0539.5149 35.6585805 0.0000001 35600.0000");
  EXPECT_EQ(number_of_e7(-1'397'450'000, v1::NMEA_DDMM), -13944.7);
  EXPECT_EQ(integer_of_e7(-356'585'806, v1::DEGREES_E6), -35'658'581);
  EXPECT_FALSE(integer_of_e7(356'585'806, v1::DEGREES));
}

TEST(PositionEncoding, RoundTripsWithinItsPrecision) {
  const unsigned seed = 5;
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::int64_t> e7s(-1'800'000'000, 1'800'000'000);
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t e7 = e7s(random);
    ASSERT_EQ(*e7_of_number(number_of_e7(e7, v1::DEGREES), v1::DEGREES), e7);
    ASSERT_NEAR(static_cast<double>(*e7_of_number(number_of_e7(e7, v1::NMEA_DDMM), v1::NMEA_DDMM)),
                static_cast<double>(e7), 2);
    std::string text;
    append_text_of_e7(text, e7, v1::DEGREES, Axis::kLongitude);
    ASSERT_EQ(*e7_of_text(text, v1::DEGREES), e7);
  }
}

}  // namespace
}  // namespace sudare
