// Text that looks like something and is not. A detector that cries wolf is switched off.
#include <gtest/gtest.h>

#include <string>

#include "gateway/detect/detector.h"

namespace sudare {
namespace {

class Harmless : public testing::TestWithParam<const char*> {};

TEST_P(Harmless, IsNotDetected) {
  const std::string text = GetParam();
  EXPECT_EQ(detect_in(text), 0U) << text;
  EXPECT_EQ(detect_in("value: " + text + ", next"), 0U) << text;
  EXPECT_EQ(detect_in("{\"key\":\"" + text + "\"}"), 0U) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, Harmless,
    testing::Values(
        // Part numbers, trouble codes, software and calibration ids.
        "90915-YZZD4", "04152-31090", "PZ040-B0908", "SU003-00352", "89661-47190", "89663-4749000",
        "P0301", "U0100-87", "C1201", "B1000, P0420, P0171", "30419100", "1.2.3-20240115",
        "v2.14.0+build.20260101", "fw-2026.11.22", "8AR-FXS", "2ZR-FXE", "DAA-ZVW30",
        "ISO 26262-6:2018",
        // Times.
        "2026-11-22T03:02:00.123Z", "2026-11-22 03:02:00", "20261122030200123", "1700000000000",
        "1700000000.123456", "03:02:00.123456", "20261122T030200Z", "22/11/2026 03:02", "+09:00",
        "2026-11-22T12:02:00+09:00",
        // Ids and hashes.
        "550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV", "00:1A:2B:3C:4D:5E", "192.168.0.12",
        "fe80::1ff:fe23:4567:890a",
        // Numbers.
        "12.5", "220.1, 221.3, 219.8, 220.0", "0.123, 0.456", "0.0001, 0.9999", "-40", "3.14159",
        "0.98765, 102.4", "12345678901234567890", "1e-7", "100%", "0x1F", "1,234,567.89",
        "65.5 km/h", "0.1, 0.2, 0.3, 0.4", "5.25,6.75", "1.250, 2.500, 3.750", "0000000000",
        "flat=1.5&belong=2.5",
        // Forces, powers, and minutes that are none, beside the letters of hemispheres.
        "1250.5 N, 230.0 W", "1280.5,N,15075.25,W", "3540.8 N, 13946", "3540,N,13946,E",
        "3540.8,N,3541.2,S", "9540.8,N,18946.0,E",
        // Words.
        "ON", "front left", "Prius", "簾", "予約は三時です", "tyre pressure low", "@home",
        "user@host", "a@1.2.3", "PRIVATE KEY", "BEGIN PUBLIC KEY", "$5,000", "RMC",
        "THE GGA, which", "geography", "https://example.jp/api/v1/status?level=3",
        "SGVsbG8gd29ybGQsIGhlbGxv", "20°C", "90°", "START DATE 20240115", "internationalization",
        "50% off", "application/json; charset=utf-8"));

}  // namespace
}  // namespace sudare
