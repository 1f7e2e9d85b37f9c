#include "sim/truth.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::sim {
namespace {

TEST(SimTruth, IsReadableByItsOwnerOnlyEvenWhereItReplacesAFile) {
  const testkit::TemporaryDirectory directory;
  const std::string path = directory.path() / "truth.ndjson";
  ASSERT_TRUE(TruthWriter::create(path));
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  ASSERT_TRUE(TruthWriter::create(path));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(SimTruth, WhatWasWrittenIsReadBack) {
  const testkit::TemporaryDirectory directory;
  const std::string path = directory.path() / "truth.ndjson";
  auto writer = TruthWriter::create(path);
  ASSERT_TRUE(writer);
  Outgoing message;
  message.topic = "vehicle/position";
  message.payload = std::string("\0\xff\x80z", 4);
  message.time_ms = 1234;
  message.positions = {{350'000'000, -1'370'000'000}};
  (*writer)->planted({sudare::v1::VIN, "JTDKB20U990990001"});
  (*writer)->place("home", {35.5, 137.25});
  (*writer)->message(1, message, 99);
  (*writer)->message(2, message, 100);
  (*writer)->acknowledged(2);
  ASSERT_TRUE((*writer)->close());
  const auto truth = read_truth(path);
  ASSERT_TRUE(truth) << truth.error().to_string();
  ASSERT_EQ(truth->messages.size(), 2U);
  EXPECT_FALSE(truth->messages[0].acknowledged);
  EXPECT_TRUE(truth->messages[1].acknowledged);
  EXPECT_EQ(truth->messages[1].payload, message.payload);
  EXPECT_EQ(truth->messages[1].sent_ms, 100);
  EXPECT_EQ(truth->messages[1].positions, message.positions);
  EXPECT_EQ(truth->planted.at(0).personal, sudare::v1::VIN);
  EXPECT_EQ(truth->places.at(0).at, (PositionE7{355'000'000, 1'372'500'000}));
}

TEST(SimTruth, ALineThatIsNoTruthNamesFileAndLine) {
  for (const char* line :
       {"{", "[]", "{\"kind\":\"other\"}", "{\"kind\":\"acknowledged\",\"sequence\":7}",
        "{\"kind\":\"planted\",\"class\":\"NO\",\"value\":\"\"}"}) {
    const auto truth = parse_truth("t", std::string("\n") + line + "\n");
    ASSERT_FALSE(truth) << line;
    EXPECT_THAT(truth.error().to_string(), testing::StartsWith("error: t:2:"));
  }
}

}  // namespace
}  // namespace sudare::sim
