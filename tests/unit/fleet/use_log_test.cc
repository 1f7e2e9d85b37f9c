// The log of the relink authority's uses.
#include "fleet/authority/use_log.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "crypto/crypto_init.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

using testing::HasSubstr;
using testing::Not;

class UseLogTest : public testing::Test {
 protected:
  UseLogTest() {
    EXPECT_TRUE(crypto_init());
    identities_.push_back(age::open_side::Identity::generate());
    identities_.push_back(age::open_side::Identity::generate());
  }
  [[nodiscard]] std::string file() const { return (directory_.path() / "log").string(); }
  std::string text() { return testkit::read_file(file()); }
  void write(const std::string& bytes) { std::ofstream(file(), std::ios::binary) << bytes; }

  Result<LogHead> use(const std::string& reason) {
    const UseLogKey key(identities_);
    auto log = UseLog::open(file());
    if (!log) return tl::unexpected<Error>(log.error());
    Use one;
    one.call = "relink";
    one.reason = reason;
    one.asked = {key.token("vin:JTDKB20U793012345")};
    one.purposes = {"traffic"};
    one.cars = 1;
    return log->append(one, key, clock_);
  }
  ErrorCode broken() {
    const auto verified = verify_use_log(file(), {}, std::nullopt);
    EXPECT_FALSE(verified);
    return verified ? ErrorCode::kInternal : verified.error().code;
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  std::vector<age::open_side::Identity> identities_;
};

TEST_F(UseLogTest, GrowsAndVerifies) {
  ASSERT_TRUE(use("one"));
  const auto head = use("two");
  ASSERT_TRUE(head);
  const auto verified = verify_use_log(file(), identities_, *head);
  ASSERT_TRUE(verified) << verified.error().what.view();
  EXPECT_EQ(verified->entries, 2U);
  struct stat status {};
  ASSERT_EQ(stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(UseLogTest, HoldsNoName) {
  ASSERT_TRUE(use("case 7"));
  EXPECT_THAT(text(), Not(HasSubstr("JTDKB")));
  EXPECT_THAT(text(), HasSubstr("case 7"));
}

TEST_F(UseLogTest, ATokenTakesAllKeysAndNotTheirOrder) {
  const std::string token = UseLogKey(identities_).token("vin:A");
  EXPECT_NE(UseLogKey({identities_.data(), 1}).token("vin:A"), token);
  EXPECT_NE(UseLogKey(identities_).token("vin:B"), token);
  std::swap(identities_[0], identities_[1]);
  EXPECT_EQ(UseLogKey(identities_).token("vin:A"), token);
}

TEST_F(UseLogTest, EveryEditIsNoticed) {
  ASSERT_TRUE(use("one"));
  ASSERT_TRUE(use("two"));
  const std::string good = text();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(verify_use_lines(changed, {}, std::nullopt)) << i;
  }
}

TEST_F(UseLogTest, ACutIsNoticedWhereverItIs) {
  for (const char* reason : {"one", "two", "three"}) ASSERT_TRUE(use(reason));
  const std::string good = text();
  const std::size_t second = good.find('\n') + 1;
  const std::size_t third = good.find('\n', second) + 1;
  write(good.substr(0, third));
  EXPECT_EQ(broken(), ErrorCode::kAuthentication) << "the end";
  write(good.substr(second));
  EXPECT_EQ(broken(), ErrorCode::kAuthentication) << "the start";
  write(good.substr(0, second) + good.substr(third));
  EXPECT_EQ(broken(), ErrorCode::kAuthentication) << "the middle";
  write("");
  EXPECT_EQ(broken(), ErrorCode::kAuthentication) << "all of it";
  EXPECT_EQ(use("four").error().code, ErrorCode::kAuthentication) << "nothing is added to it";
}

TEST_F(UseLogTest, AHeadThatWasNotedElsewhereNoticesAnEarlierLogThatWasPutBack) {
  ASSERT_TRUE(use("one"));
  const std::string early = text();
  const std::string early_head = testkit::read_file(file() + ".head");
  const auto noted = use("two");
  write(early);
  std::ofstream(file() + ".head") << early_head;
  EXPECT_TRUE(verify_use_log(file(), identities_, std::nullopt)) << "both files were put back";
  const auto verified = verify_use_log(file(), identities_, *noted);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::kAuthentication);
}

TEST_F(UseLogTest, ALogWrittenAgainWithoutTheKeysIsNoticedWithThem) {
  ASSERT_TRUE(use("one"));
  std::vector<age::open_side::Identity> others;
  others.push_back(age::open_side::Identity::generate());
  const auto verified = verify_use_log(file(), others, std::nullopt);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::kAuthentication);
}

TEST_F(UseLogTest, UsesWithOneOfTheKeysVerifyToo) {
  ASSERT_TRUE(use("both"));
  identities_.pop_back();
  ASSERT_TRUE(use("one"));
  EXPECT_FALSE(verify_use_log(file(), identities_, std::nullopt)) << "the first took both";
}

TEST_F(UseLogTest, HalfALineOfAPowerCutIsTakenAwayAndNoMore) {
  ASSERT_TRUE(use("one"));
  const std::string good = text();
  write(good + good.substr(0, 100));
  ASSERT_TRUE(use("two"));
  EXPECT_TRUE(verify_use_log(file(), identities_, std::nullopt));
  write(text().substr(0, text().size() - 5));
  EXPECT_EQ(use("three").error().code, ErrorCode::kAuthentication)
      << "FILE.head names the line that was cut";
}

TEST_F(UseLogTest, OneWritesAtATime) {
  const auto first = UseLog::open(file());
  ASSERT_TRUE(first);
  EXPECT_EQ(UseLog::open(file()).error().code, ErrorCode::kRefused);
}

TEST_F(UseLogTest, HeadsAreReadStrictly) {
  const std::string hash(64, 'a');
  EXPECT_TRUE(parse_log_head("12:" + hash));
  for (const std::string& text :
       std::vector<std::string>{"", "12", "12:" + hash + "b", ":" + hash, "x:" + hash,
                                "12:" + std::string(64, 'G'), "-1:" + hash}) {
    EXPECT_FALSE(parse_log_head(text)) << text;
  }
}

}  // namespace
}  // namespace sudare
