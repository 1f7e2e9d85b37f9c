// The marker scan: finds each kind wherever the stream is cut, and random data hold none by chance.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "clip/verify/marker_literals.h"
#include "clip/verify/marker_scan.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip {
namespace {

using testing::bytes_of;

Buffer random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Buffer bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

std::vector<Marker> scan(Bytes bytes, std::size_t piece) {
  std::vector<Marker> found;
  const MarkerScan::Found add = [&found](const Marker& marker) { found.push_back(marker); };
  MarkerScan scan;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    scan.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)), add);
  }
  scan.finish(add);
  return found;
}

// The kinds found in `text` between zeros.
std::vector<std::string> kinds_in(std::string_view text) {
  Buffer bytes(3, 0);
  append(bytes, bytes_of(text));
  bytes.push_back(0);
  std::vector<std::string> kinds;
  for (const Marker& marker : scan(bytes, 1000)) kinds.emplace_back(literal_of(marker.kind).view());
  return kinds;
}

using Kinds = std::vector<std::string>;

TEST(MarkerScan, EveryLiteralIsFoundAtEveryPlaceAndCut) {
  for (const MarkerLiteral& literal : marker_literals()) {
    ASSERT_GE(literal.bytes.size(), 6U);
    ASSERT_LT(literal.bytes.size(), kMarkerReach);
    for (const std::size_t place : {0U, 1U, 60U, 61U, 127U, 65500U, 65535U, 65536U}) {
      Buffer bytes(place + 200, 0x80);
      std::copy(literal.bytes.begin(), literal.bytes.end(),
                bytes.begin() + static_cast<std::ptrdiff_t>(place));
      for (const std::size_t piece : {13U, 65536U}) {
        std::size_t here = 0;
        for (const Marker& marker : scan(bytes, piece)) {
          here += marker.offset == place && marker.kind == literal.kind ? 1U : 0U;
        }
        EXPECT_EQ(here, 1U) << literal.bytes << " at " << place << " by " << piece;
      }
    }
  }
}

TEST(MarkerScan, PlacesInAllTheirForms) {
  EXPECT_EQ(kinds_in("+35.6812+139.76/"), Kinds{"coordinates"});
  // As ISO 6709 and as a pair of degrees; longitude with altitude too.
  EXPECT_EQ(kinds_in("+35.6812+139.7671/"), (Kinds{"coordinates", "coordinates"}));
  EXPECT_EQ(kinds_in("+354052.3-1394602.2+0035/"), (Kinds{"coordinates", "coordinates"}));
  EXPECT_EQ(kinds_in("35.681236, 139.767125"), Kinds{"coordinates"});
  EXPECT_EQ(kinds_in("N:35.6812 E:139.7671"), Kinds{"coordinates"});
  EXPECT_EQ(kinds_in("3540.8720,N,13946.0260,E"), Kinds{"coordinates"});
  EXPECT_EQ(kinds_in("$GPRMC,"), (Kinds{"nmea", "nmea"}));
  EXPECT_EQ(kinds_in("$GLGSV,3"), Kinds{"nmea"});
}

// What a hostile review brought through.
TEST(MarkerScan, PlacesAsJsonKeysAndFreeText) {
  for (const char* text :
       {"{\"lat\":35.1706,", "lon=136.8", "Lng: -12.3", "LAT='5.1'", "lat:35.1706\nlon",
        "geo:35.170,1", "geo:-35,136", "35.170/136.881", "35.1706|136.8816", "35.1706\n136.8816",
        "35.1706\t136.8816", "35.1706N 136.8816E", "35 10.2345N 136 52.9876E",
        "3510.2345N13652.9876E", "N35 10 14 E136 52 53", "N3510.23,E13652.98",
        "35\xC2\xB0"
        "10'14\"N 136\xC2\xB0"
        "52'53\"E"}) {
    const Kinds kinds = kinds_in(text);
    ASSERT_FALSE(kinds.empty()) << text;
    for (const std::string& kind : kinds) EXPECT_EQ(kind, "coordinates") << text;
  }
  for (const char* text : {"$GPTXT,", "$BDRMC,", "$GBGGA,", "$PUBX,00,08", "$WIMWV,214.5"}) {
    EXPECT_EQ(kinds_in(text), Kinds{"nmea"}) << text;
  }
}

TEST(MarkerScan, TimesAsPeopleWriteThem) {
  for (const char* text :
       {"28/11/2026 08:30", "11-28-2026", "Nov 28 2026", "Nov 28, 2026", "28 Nov 2026",
        "NOV-28-2026", "20261128", "20261128083000", "1795854600"}) {
    EXPECT_EQ(kinds_in(text), Kinds{"date"}) << text;
  }
}

TEST(MarkerScan, WhoByTelephoneAndShortAddress) {
  for (const char* text : {"+819012345678", "+81 90-1234-5678", "090-1234-5678", "052-123-4567"}) {
    EXPECT_EQ(kinds_in(text), Kinds{"phone"}) << text;
  }
  for (const char* text : {"taro@a.jp", "ab@c.com", "owner@example.jp", "taro@b.de"}) {
    EXPECT_EQ(kinds_in(text), (std::string_view(text) == "taro@b.de" ? Kinds{} : Kinds{"email"}))
        << text;
  }
  for (const char* text : {"VIOFO A129", "SONY HDR-AZ1", "70mai A800", "DENSO DN-1"}) {
    EXPECT_EQ(kinds_in(text), Kinds{"camera"}) << text;
  }
}

TEST(MarkerScan, TimesInAllTheirForms) {
  EXPECT_EQ(kinds_in("2023:01:02 03:04:05"), Kinds{"date"});
  EXPECT_EQ(kinds_in("2023-01-02T03:04:05Z"), Kinds{"date"});
  EXPECT_EQ(kinds_in("2023/01/02"), Kinds{"date"});
  EXPECT_EQ(kinds_in("20230102_030405"), Kinds{"date"});
  EXPECT_EQ(kinds_in("20230102030405"), Kinds{"date"});
  EXPECT_EQ(kinds_in("Mon Mar 10 15:04:43 2003"), Kinds{"date"});
  EXPECT_EQ(kinds_in("2023:13:02"), Kinds{});
}

TEST(MarkerScan, WhoAndWhichDevice) {
  EXPECT_EQ(kinds_in("taro.yamada@example.co.jp"), Kinds{"email"});
  EXPECT_EQ(kinds_in("a.suzuki@toyota.jp"), Kinds{"email"});
  EXPECT_EQ(kinds_in("JTDKB20U093123456"), Kinds{"vin"});
  EXPECT_EQ(kinds_in("ZVW30-1234567"), Kinds{"frame-number"});
  EXPECT_EQ(kinds_in("LAE6101112400243"), Kinds{"serial"});
  EXPECT_EQ(kinds_in("356938035643809"), Kinds{"serial"});
  EXPECT_EQ(kinds_in("00:1a:2B:3c:4D:5e"), Kinds{"serial"});
  EXPECT_EQ(kinds_in("Lavc59.37.100"), Kinds{"encoder"});
}

TEST(MarkerScan, UserDataWithItsLengthsIsFound) {
  // QuickTime's: size, ©xyz, length of text, language, text.
  const std::string quicktime(
      "\0\0\0\x0F\xA9xyz\0\3\x15\xC7"
      "abc",
      15);
  EXPECT_EQ(kinds_in(quicktime), Kinds{"user-data"});
  const std::string itunes(
      "\0\0\0\x1B\xA9too\0\0\0\x13"
      "data\0\0\0\1\0\0\0\0abc",
      27);
  EXPECT_EQ(kinds_in(itunes), Kinds{"user-data"});
  EXPECT_EQ(kinds_in("\x01\x02\x03\x04\xA9xyz\x05\x06\x07\x08\x09\x0A\x0B\x0C"), Kinds{});
}

TEST(MarkerScan, WhatOnlyLooksLikeOneIsLeft) {
  for (const char* text : {"0000000000000000000",
                           "UUUUUUUUUUUUUUUUU",
                           "33333333333333333333",
                           "a@b.cc",
                           "1.5,2.5",
                           "456789:CDEFGHIJSTUVWXYZcdefghijstuvwxyz",
                           "+12-34",
                           "isomiso2avc1mp41",
                           "VideoHandler",
                           "2023",
                           "12:34:56",
                           "lat:35",
                           "flat.5",
                           "geo:",
                           "32/13/2026",
                           "Nova 28 2026",
                           "35 N 136 E",
                           "+1234-5678",
                           "1234567",
                           "9999999999",
                           "AB12-12345",
                           "JTDKB20U09312345",
                           "JTDKB20U0931234567"}) {
    EXPECT_EQ(kinds_in(text), Kinds{}) << text;
  }
}

TEST(MarkerScan, RandomDataHoldNone) {
  // 256 MiB: a thousandth of what the bound below allows would show with some luck; what this finds
  // is a matcher that is far too broad.
  std::size_t found = 0;
  MarkerScan scan;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    scan.feed(random_bytes(4 << 20, seed), [&found](const Marker& marker) {
      ADD_FAILURE() << literal_of(marker.kind).view();
      ++found;
    });
  }
  EXPECT_EQ(found, 0U);
}

// The expected number of markers of a syntax in 10^9 random bytes. `D` and so on: the share of
// bytes that are of a class.
constexpr double D = 10 / 256.0;   // digits
constexpr double U = 26 / 256.0;   // capital letters
constexpr double A = 62 / 256.0;   // letters and digits
constexpr double V = 33 / 256.0;   // characters of a VIN
constexpr double H = 22 / 256.0;   // hex digits
constexpr double L = 66 / 256.0;   // characters of a local part
constexpr double O = 64 / 256.0;   // … of a domain
constexpr double one = 1 / 256.0;  // a certain byte
double d(int count) { return std::pow(D, count); }

double dates() {
  const double day = 12 * 31 / 1e4 * d(4);
  const double year = 2 * one * one * d(2);
  const double named = 12 * std::pow(one, 3) * 4 * 4 * one * (1 + d(2)) * 5 * one * year;
  const double unix_time = (5 + 2) * one * one * d(8);
  return year * 4 * one * one * day * 3 + year * day + d(6) * 3 * one * one * one * year + named +
         unix_time;
}

double places() {
  // Least digits; every longer form is rarer by D or more, which the factor covers.
  const double iso = 4 * one * one * d(9) * 12;
  const double pair = d(1 + 3) * one * (20 * one) * d(1 + 3) * one * 4;
  const double minutes = d(4 + 4) * std::pow(2 * one, 2) * 8;
  const double nmea =
      11 * 16 * std::pow(one, 7) + one * std::pow(U, 4) * one * std::pow(19 * one, 5) * 1.2;
  const double keyed = 9 * std::pow(one, 3) * 2 * one * one * d(2) * 1.3;
  const double geo = std::pow(one, 4) * d(1) * 2 * one * d(1) * 1.2;
  return iso + pair + minutes + nmea + keyed + geo;
}

double devices() {
  const double serial = U * d(10) * 1.2 + d(15) * 1.1;
  const double mac = 2 * std::pow(one, 5) * std::pow(H, 12);
  const double libav = 3 * std::pow(one, 4) * d(2) * one;
  return serial + mac + libav;
}

double telephones() { return one * d(10) * 1.4 + std::pow(one, 3) * d(9) * 8; }

double cars() {
  const double vin = std::pow(V, 17) * (1 - A) * (1 - A);
  const double frame =
      U * (1 + U + U * U + U * U * U) * (d(2) + d(3)) * (1 + U) * one * (d(6) + d(7));
  return vin + frame;
}

constexpr double M = 40 / 256.0;  // characters of a local part without capitals
constexpr double N = 38 / 256.0;  // … of a domain

double addresses() {
  // All splits of at least `least` characters over local part and domain (before its last dot).
  const auto splits = [](int least, double in_local, double in_domain) {
    double sum = 0;
    for (int local = 2; local < 64; ++local) {
      const double exactly = std::pow(in_local, local) * (1 - in_local);
      sum += exactly * std::pow(in_domain, std::max(1, least - local));
    }
    return sum;
  };
  const double at_and_dot = one * one;
  const double common = 6 * std::pow(one, 3) + 7 * std::pow(one, 5);
  const double country = std::pow(one, 2);
  const double any = U * U * 1.2;
  return at_and_dot *
         (splits(5, L, O) * common + splits(10, L, O) * 16 * country + splits(14, L, O) * any +
          splits(3, M, N) * common + splits(5, M, N) * country + splits(7, M, N) * 15 * country +
          splits(10, M, N) * any);
}

TEST(MarkerScan, AThousandthOfAMarkerByChanceInAGigabyte) {
  double literals = 0;
  for (const MarkerLiteral& literal : marker_literals()) {
    literals += std::pow(one, static_cast<double>(literal.bytes.size()));
  }
  const double user_data = one * std::pow(52 / 256.0, 3) * std::pow(one, 2) * std::pow(one, 2);
  const double all =
      literals + dates() + places() + devices() + cars() + addresses() + telephones() + user_data;
  EXPECT_LT(all * 1e9, 1e-3) << literals * 1e9 << " " << dates() * 1e9 << " " << places() * 1e9
                             << " " << devices() * 1e9 << " " << cars() * 1e9 << " "
                             << addresses() * 1e9 << " " << user_data * 1e9;
  std::printf(
      "per 10^9 bytes: literals %.2g dates %.2g places %.2g devices %.2g cars %.2g e-mail %.2g "
      "user data %.2g, all %.2g\n",
      literals * 1e9, dates() * 1e9, places() * 1e9, devices() * 1e9, cars() * 1e9,
      addresses() * 1e9, user_data * 1e9, all * 1e9);
}

}  // namespace
}  // namespace sudare::clip
