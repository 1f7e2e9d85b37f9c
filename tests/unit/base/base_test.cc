#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/personal.h"
#include "base/result.h"
#include "base/utc.h"
#include "tests/testkit/reveal.h"

namespace sudare {

// Takes the place of the real reader, which this test does not link.
struct ConfigReader {
  static DiagnosticKey key() { return {}; }
};

namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kMalformed, "half: odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  TRY(const int first, half(value));
  TRY(half(first));
  return half(first);
}

TEST(ResultTest, TryReturnsTheErrorOfTheFirstThatFails) {
  const Result<int> result = quarter(6);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(result.error().detail, 3);
  EXPECT_EQ(result.error().what.view(), "half: odd");
}

TEST(ResultTest, TryDeclaresTheValue) { EXPECT_EQ(*quarter(8), 2); }

TEST(PersonalTest, OnlyThePasskeyLooksInside) {
  Personal<std::string> vin(std::string("x"));
  vin.set("y");
  EXPECT_EQ(vin.reveal(TestReveal::key()), "y");
}

TEST(GuardedTest, TheCallbackCopiesAndReturns) {
  Guarded<int> count(1);
  count.with([](int& value) { ++value; });
  EXPECT_EQ(count.with([](const int& value) { return value; }), 2);
}

TEST(ClockTest, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  const std::int64_t first = clock.monotonic_ms();
  EXPECT_GE(clock.monotonic_ms(), first);
  EXPECT_GT(clock.wall_ms(), 0);
}

TEST(UtcTest, TextsAreOfTheDayAlsoBeyond32BitsAndBefore1970) {
  EXPECT_EQ(utc_text(0, kIso8601), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'709'208'000'999, kIso8601), "2024-02-29T12:00:00Z");
  EXPECT_EQ(utc_text(4'102'444'799'000, "%d%m%y %H%M%S"), "311299 235959");
  EXPECT_EQ(utc_text(-1, kIso8601), "1969-12-31T23:59:59Z");
}

TEST(DiagnosticTest, SaysWhereAndWhatToDo) {
  const Diagnostic diagnostic(ConfigReader::key(), DiagnosticSeverity::kError, "a.textproto", 3, 7,
                              "unknown field", "remove it");
  EXPECT_EQ(diagnostic.to_string(), "error: a.textproto:3:7: unknown field\nhint: remove it\n");
}

TEST(LogTest, AnEventIsOneLineOfLiteralsAndNumbers) {
  testing::internal::CaptureStderr();
  log_setup(LogFormat::kText, LogLevel::kInfo);
  log_event(LogLevel::kDebug, "not_written");
  log_event(LogLevel::kWarning, "cloud_refused",
            {{"reason_code", 135}, {"error", ErrorCode::kRefused}});
  log_setup(LogFormat::kJson, LogLevel::kInfo);
  log_error("store_failed", Error{ErrorCode::kIo, "store: open", 28});
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_THAT(out, testing::HasSubstr(" warning cloud_refused reason_code=135 error=refused\n"));
  EXPECT_THAT(
      out,
      testing::HasSubstr(
          "\"event\":\"store_failed\",\"error\":\"io\",\"what\":\"store: open\",\"detail\":28}\n"));
  EXPECT_THAT(out, testing::Not(testing::HasSubstr("not_written")));
}

}  // namespace
}  // namespace sudare
