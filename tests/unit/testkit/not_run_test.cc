// A missing package skips a test, and fails it where it had to run.
#include "tests/testkit/not_run.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace sudare::testkit {
namespace {

class NotRun : public testing::Test {
 protected:
  ~NotRun() override {
    if (before_.empty()) {
      unsetenv("SUDARE_MUST_RUN");
    } else {
      setenv("SUDARE_MUST_RUN", before_.c_str(), 1);
    }
  }

 private:
  std::string before_ = must_run() ? "1" : "";
};

void lacks_a_package() { SUDARE_NOT_RUN("a-package"); }

TEST_F(NotRun, FailsWhereThePackagesWereInstalled) {
  setenv("SUDARE_MUST_RUN", "1", 1);
  EXPECT_FATAL_FAILURE(lacks_a_package(), "not installed: a-package");
}

TEST_F(NotRun, SkipsElsewhere) {
  for (const char* value : {"", "0"}) {
    setenv("SUDARE_MUST_RUN", value, 1);
    testing::TestPartResultArray results;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      lacks_a_package();
    }
    ASSERT_EQ(results.size(), 1);
    EXPECT_TRUE(results.GetTestPartResult(0).skipped());
  }
}

}  // namespace
}  // namespace sudare::testkit
