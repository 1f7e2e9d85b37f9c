#include "gateway/upload/allowance.h"

#include <gtest/gtest.h>

namespace sudare {
namespace {

TEST(AllowanceTest, BoundsExactly) {
  Allowance allowance;
  allowance.set({{"clips", 100}});
  EXPECT_TRUE(allowance.take("clips", 60));
  EXPECT_FALSE(allowance.take("clips", 41));
  EXPECT_EQ(allowance.exhausted().count("clips"), 1U);
  EXPECT_TRUE(allowance.take("clips", 40));
  EXPECT_TRUE(allowance.take("traffic", 1'000'000));
}

TEST(AllowanceTest, CountsSinceTheStart) {
  Allowance allowance;
  allowance.set({{"clips", 100}});
  EXPECT_TRUE(allowance.take("clips", 100));
  EXPECT_FALSE(allowance.take("clips", 1));
  allowance.set({{"clips", 150}});
  EXPECT_TRUE(allowance.exhausted().empty());
  EXPECT_TRUE(allowance.take("clips", 50));
  EXPECT_FALSE(allowance.take("clips", 1));
}

TEST(AllowanceTest, TellsWhatWasTakenOnce) {
  Allowance allowance;
  allowance.set({{"clips", 100}});
  (void)allowance.take("clips", 30);
  (void)allowance.take("clips", 30);
  (void)allowance.take("traffic", 30);
  EXPECT_EQ(allowance.take_fresh(), (std::map<std::string, std::uint64_t>{{"clips", 60}}));
  EXPECT_TRUE(allowance.take_fresh().empty());
}

}  // namespace
}  // namespace sudare
