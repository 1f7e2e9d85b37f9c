// What the audit finds, in whatever form it is written.
#include "fleet/audit/audit.h"

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>

#include "fleet/audit/inputs.h"
#include "fleet/cli/console.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kAccount = "Account-77QX4";
constexpr AuditPosition kHome{356'812'362, 1'397'671'248};

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    inputs_.identifiers = {kAccount};
    inputs_.positions = {kHome};
  }

  // "class@offset" of each finding.
  std::vector<std::string> findings(std::string_view bytes) {
    Auditor auditor(inputs_);
    std::vector<std::string> out;
    auditor.scan_bytes("test", bytes, [&](const AuditFinding& finding) {
      out.push_back(std::string(finding.what) + "@" + std::to_string(finding.offset));
    });
    report_ = auditor.report();
    return out;
  }
  bool finds_identifier(std::string_view bytes) {
    findings(bytes);
    return report_.found_identifiers == 1;
  }
  bool finds_position(std::string_view bytes) {
    findings(bytes);
    return report_.found_positions == 1;
  }

  AuditInputs inputs_;
  AuditReport report_;
};

template <class Number>
std::string little_endian(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

template <class Number>
std::string big_endian(Number number) {
  const std::string bytes = little_endian(number);
  return {bytes.rbegin(), bytes.rend()};
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(0x80U | (value & 0x7fU));
  return bytes + static_cast<char>(value);
}

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

std::string percent(const std::string& text) {
  std::string out;
  for (const char c : text) out += "%" + cli::hex({&c, 1});
  return out;
}

TEST_F(AuditTest, FindsIdentifiersInTheOpenAndSaysWhere) {
  EXPECT_THAT(findings(std::string("\x01\x02", 2) + kAccount), ElementsAre("identifier@2"));
  EXPECT_TRUE(finds_identifier("x=aCCOUNT-77qx4;"));
  EXPECT_FALSE(finds_identifier("x=Account-77QX5;"));
}

TEST_F(AuditTest, FindsIdentifiersInEncodings) {
  const std::string text = kAccount;
  EXPECT_TRUE(finds_identifier("{\"a\":\"" + cli::base64("id=" + text) + "\"}"));
  EXPECT_TRUE(finds_identifier("{\"a\":\"" + cli::base64("d=" + text) + "\"}"));
  EXPECT_TRUE(finds_identifier("prefix" + cli::base64(std::string("\0\xff", 2) + text)));
  EXPECT_TRUE(finds_identifier("0" + cli::hex(text)));
  EXPECT_TRUE(finds_identifier(cli::hex("x" + text)));
  EXPECT_TRUE(finds_identifier("q=" + percent(text) + "&r"));
  std::string wide;
  for (const char c : text) wide += std::string(1, c) + std::string(1, '\0');
  EXPECT_TRUE(finds_identifier(wide));
}

// Where a plain char has no sign (arm64), every byte is above zero.
TEST_F(AuditTest, WidensOnlyAsciiIdentifiers) {
  inputs_.identifiers = {"Zo\u00eb-77QX4"};
  std::string wide;
  for (const char c : inputs_.identifiers[0]) wide += std::string(1, c) + std::string(1, '\0');
  EXPECT_FALSE(finds_identifier(wide));
  EXPECT_TRUE(finds_identifier(inputs_.identifiers[0]));
}

TEST_F(AuditTest, FindsFullWidthIdentifiers) {
  inputs_.identifiers = {"ZVW30-1234567"};
  EXPECT_TRUE(finds_identifier("車台番号：ＺＶＷ３０－１２３４５６７です"));
}

TEST_F(AuditTest, FindsPositionsInText) {
  EXPECT_TRUE(finds_position(R"({"latitude": 35.6812362, "longitude": 139.7671248})"));
  EXPECT_TRUE(finds_position("[139.76712,35.68124]"));
  EXPECT_TRUE(finds_position("35.6812,139.7671"));
  EXPECT_TRUE(finds_position(R"({"latitude_e7":356812362,"longitude_e7":1397671248})"));
  EXPECT_TRUE(finds_position("geo%3A35.6812362%2C139.7671248"));
}

TEST_F(AuditTest, OtherPositionsAreNotThisOne) {
  EXPECT_FALSE(finds_position("35.6813462,139.7671248"));
  EXPECT_FALSE(finds_position("35.681,139.767"));
  EXPECT_FALSE(finds_position("35.6812362 and nothing else"));
  EXPECT_FALSE(finds_position("35.6812362" + std::string(200, ' ') + "139.7671248"));
  EXPECT_FALSE(finds_position(R"({"latitude_e7":356812372,"longitude_e7":1397671248})"));
}

TEST_F(AuditTest, FindsPositionsInProtobuf) {
  const std::int32_t latitude = kHome.latitude_e7;
  const std::int32_t longitude = kHome.longitude_e7;
  EXPECT_TRUE(finds_position("\x0d" + little_endian(latitude) + "\x15" + little_endian(longitude)));
  EXPECT_TRUE(
      finds_position("\x09" + little_endian(35.6812362) + "\x11" + little_endian(139.7671248)));
  EXPECT_TRUE(finds_position("\x08" + varint(356'812'362) + "\x10" + varint(1'397'671'248)));
  EXPECT_TRUE(
      finds_position("\x08" + varint(zigzag(latitude)) + "\x10" + varint(zigzag(longitude))));
  EXPECT_TRUE(finds_position(big_endian(35.6812362) + big_endian(139.7671248)));
  EXPECT_TRUE(finds_position(big_endian(latitude) + big_endian(longitude)));
}

TEST_F(AuditTest, FindsSouthernAndWesternPositions) {
  inputs_.positions = {{-229'068'467, -431'728'965}};
  EXPECT_TRUE(finds_position("-22.9068467, -43.1728965"));
  EXPECT_FALSE(finds_position("22.9068467, 43.1728965"));
  EXPECT_TRUE(finds_position("\x08" + varint(static_cast<std::uint64_t>(-229'068'467LL)) + "\x10" +
                             varint(static_cast<std::uint64_t>(-431'728'965LL))));
  EXPECT_TRUE(finds_position("\x08" + varint(zigzag(-229'068'467)) + "\x10" +
                             varint(zigzag(-431'728'965))));
}

// Found by audit_fuzz: adding to the largest varint overflowed.
TEST_F(AuditTest, TheLargestVarintIsNoPosition) {
  EXPECT_FALSE(finds_position(std::string(9, '\xff') + "\x7f" + std::string(9, '\xff') + "\x01zz"));
}

TEST_F(AuditTest, FindsProtobufInsideBase64) {
  const std::string record =
      "\x0d" + little_endian(kHome.latitude_e7) + "\x15" + little_endian(kHome.longitude_e7);
  EXPECT_TRUE(finds_position("{\"payload_base64\":\"" + cli::base64(record) + "\"}"));
}

TEST_F(AuditTest, ALatitudeOfOnePositionAndALongitudeOfAnotherAreNone) {
  inputs_.positions.push_back({352'000'000, 1'381'234'567});
  findings("35.6812362,138.1234567");
  EXPECT_EQ(report_.found_positions, 0U);
}

TEST_F(AuditTest, FindsTheClassesOfDetect) {
  EXPECT_THAT(findings("mail to taro@example.jp today"), Contains("email@8"));
  EXPECT_THAT(findings("お名前：山田　電話：０９０－１２３４－５６７８"),
              Contains(testing::StartsWith("phone@")));
  EXPECT_THAT(findings("VIN JTDKB20U793012345."), Contains("vin@4"));
}

TEST_F(AuditTest, FindsShortTextFieldsOfProtobuf) {
  // The tag of the next field (0x32, "2") looks like the VIN's eighteenth character.
  const std::string vin = "JTDKB20U793012345";
  const std::string record = std::string("\x0a\x11", 2) + vin + "2" + std::string("\x01\xff", 2);
  EXPECT_THAT(findings(record), Contains("vin@2"));
}

TEST_F(AuditTest, RandomBytesBeforeAnAgeHeaderAreNoMailAddress) {
  const std::string key(43, 'A');
  const std::string header =
      "age-encryption.org/v1\n-> X25519 " + key + "\n" + key + "\n--- " + key + "\n";
  EXPECT_THAT(findings("\x02s@" + header + "\xff"), IsEmpty());
  EXPECT_THAT(findings("\x02s@age-encryption.org/v1, they say"), Contains("email@1"));
  EXPECT_THAT(findings(header + "mail to taro@example.jp today"),
              Contains(testing::StartsWith("email@")));
}

TEST_F(AuditTest, HarmlessTextIsClean) {
  EXPECT_THAT(findings(R"({"level":"info","event":"batch sealed","bytes":4096,"at":1700000000})"),
              IsEmpty());
}

class AuditFileTest : public AuditTest {
 protected:
  std::filesystem::path write(const std::string& name, std::string_view bytes) {
    const auto path = directory_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  testkit::TemporaryDirectory directory_;
};

TEST_F(AuditFileTest, FindsEverythingWhereverAWindowEnds) {
  // 1 MiB windows: the identifier lies across each of these borders once.
  constexpr std::size_t kWindow = 1024 * 1024;
  for (const std::size_t shift : {0U, 1U, 5U, 12U, 13U}) {
    std::string bytes(3 * kWindow, '\0');
    const std::string id = kAccount;
    bytes.replace(kWindow - shift, id.size(), id);
    bytes.replace(2 * kWindow - shift, id.size(), id);
    const auto path = write("big", bytes);
    Auditor auditor(inputs_);
    std::vector<std::uint64_t> offsets;
    const Status done = auditor.scan_file(
        path, [&](const AuditFinding& finding) { offsets.push_back(finding.offset); });
    ASSERT_TRUE(done);
    EXPECT_THAT(offsets, ElementsAre(kWindow - shift, 2 * kWindow - shift));
    EXPECT_EQ(auditor.report().bytes, bytes.size());
  }
}

TEST_F(AuditFileTest, DirectoriesAreReadWhollyAndLinksAreNot) {
  write("a/one", "x");
  write("a/b/two", std::string("=") + kAccount);
  std::filesystem::create_symlink(directory_.path() / "a/b/two", directory_.path() / "a/link");
  std::vector<std::string> where;
  const AuditReport report =
      audit({(directory_.path() / "a").string()}, inputs_,
            [&](const AuditFinding& finding) { where.emplace_back(finding.where); });
  EXPECT_EQ(report.files, 2U);
  EXPECT_THAT(where, ElementsAre((directory_.path() / "a/b/two").string()));
}

TEST_F(AuditFileTest, WhatCanNotBeReadIsNamed) {
  const AuditReport report = audit({"/nonexistent/file"}, inputs_, [](const AuditFinding&) {});
  EXPECT_THAT(report.unreadable, ElementsAre("/nonexistent/file"));
}

TEST(AuditInputFiles, ReadBothForms) {
  const auto positions = parse_positions(
      "# home\n35.6812362, 139.7671248\r\n\n{\"latitude_e7\": -1, \"longitude_e7\": 2, \"t\": "
      "3}\n");
  ASSERT_TRUE(positions);
  ASSERT_EQ(positions->size(), 2U);
  EXPECT_EQ((*positions)[0].latitude_e7, kHome.latitude_e7);
  EXPECT_EQ((*positions)[0].longitude_e7, kHome.longitude_e7);
  EXPECT_EQ((*positions)[1].latitude_e7, -1);
  const auto identifiers = parse_identifiers("first-one\n  second one \n\n");
  ASSERT_TRUE(identifiers);
  EXPECT_THAT(*identifiers, ElementsAre("first-one", "second one"));
}

TEST(AuditInputFiles, SayWhichLineIsWrong) {
  const auto line_of = [](const auto& result) {
    return result ? std::int64_t{0} : result.error().detail;
  };
  EXPECT_EQ(line_of(parse_positions("1,2\n91.0,3\n")), 2);
  EXPECT_EQ(line_of(parse_positions("nan,3")), 1);
  EXPECT_EQ(line_of(parse_positions("1,2,3")), 1);
  EXPECT_EQ(line_of(parse_positions("{\"latitude_e7\": 99999999999, \"longitude_e7\": 2}")), 1);
  EXPECT_EQ(line_of(parse_identifiers("long enough\n\nabc\n")), 3);
}

}  // namespace
}  // namespace sudare
