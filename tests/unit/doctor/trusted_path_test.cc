// Who could put another file in the place of one that is trusted.
#include "fleet/doctor/trusted_path.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/testkit/temporary_directory.h"
#include "tests/unit/doctor/findings.h"

namespace sudare::doctor {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr uid_t kStranger = 54321;

class TrustedPath : public testing::Test {
 protected:
  TrustedPath() {
    fs::create_directories(path("image/etc"));
    std::ofstream(path("image/etc/policy")) << "x";
    for (const char* name : {"image", "image/etc", "image/etc/policy"}) chmod_to(name, 0755);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  void chmod_to(const std::string& name, mode_t mode) const {
    ASSERT_EQ(chmod(path(name).c_str(), mode), 0);
  }
  // "DIRECTORY/image/etc: others may write…".
  [[nodiscard]] std::string finds(const std::string& name, const Owners& owners = {}) const {
    Report report;
    {
      Check check(report, "config.files");
      check_trusted_path(path(name), owners, check);
    }
    return said(report, "config.files");
  }

  testkit::TemporaryDirectory directory_;
};

TEST_F(TrustedPath, WhatOthersMayWriteIsFound) {
  chmod_to("image/etc/policy", 0666);
  EXPECT_THAT(finds("image/etc/policy"), HasSubstr("image/etc/policy: others may write the file"));
}

TEST_F(TrustedPath, ADirectoryAboveItIsFound) {
  for (const char* name : {"image", "image/etc"}) {
    chmod_to(name, 0777);
    EXPECT_THAT(finds("image/etc/policy"),
                HasSubstr(path(name) + ": others may write the directory"));
    chmod_to(name, 0755);
  }
  EXPECT_EQ(finds("image/etc/policy"), "");
}

TEST_F(TrustedPath, ADirectoryInWhichNobodyMovesWhatIsAnothersIsNone) {
  chmod_to("image", 01777);
  EXPECT_EQ(finds("image/etc/policy"), "");
}

TEST_F(TrustedPath, TheDirectoryOfALinkIsFound) {
  fs::create_directories(path("links"));
  fs::create_symlink("../links/etc", path("image/current"));
  fs::create_symlink(path("image/etc"), path("links/etc"));
  EXPECT_EQ(finds("image/current/policy"), "");
  chmod_to("links", 0777);
  EXPECT_THAT(finds("image/current/policy"), HasSubstr("links: others may write the directory"));
}

TEST_F(TrustedPath, ALinkToItselfEnds) {
  fs::create_symlink("loop", path("image/loop"));
  EXPECT_EQ(finds("image/loop/policy"), "");
}

TEST_F(TrustedPath, WhatIsNotThereIsNotJudged) {
  EXPECT_EQ(finds("image/none/policy"), "");
  chmod_to("image", 0777);
  EXPECT_THAT(finds("image/none/policy"), HasSubstr("image: others"));
}

TEST_F(TrustedPath, APlaceIsToldOnce) {
  chmod_to("image", 0777);
  Report report;
  {
    Check check(report, "config.files");
    check_trusted_paths({path("image/etc/policy"), path("image/etc"), ""}, {}, check);
  }
  EXPECT_EQ(report.count(Outcome::kProblem), 1U);
}

TEST_F(TrustedPath, AnotherUsersFileIsFoundUnlessItIsTheGateways) {
  if (geteuid() != 0) GTEST_SKIP() << "not run: not root, so no files of others";
  ASSERT_EQ(chown(path("image/etc").c_str(), kStranger, 0), 0);
  EXPECT_THAT(finds("image/etc/policy"), HasSubstr("another user owns the directory"));
  EXPECT_EQ(finds("image/etc/policy", {kStranger}), "");
}

TEST_F(TrustedPath, AGroupThatIsNotTheOwnersIsFound) {
  if (geteuid() != 0) GTEST_SKIP() << "not run: not root, so no groups of others";
  chmod_to("image/etc/policy", 0664);
  EXPECT_EQ(finds("image/etc/policy"), "");  // root's
  ASSERT_EQ(chown(path("image/etc/policy").c_str(), 0, kStranger), 0);
  EXPECT_THAT(finds("image/etc/policy"), HasSubstr("(chmod g-w)"));
}

}  // namespace
}  // namespace sudare::doctor
