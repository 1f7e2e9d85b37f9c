// The car's numbers leave no copy in memory that is given back. This program's operator delete
// looks for them.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <thread>

#include "crypto/crypto_init.h"
#include "fleet/cli/line_reader.h"
#include "fleet/provision/csv_line.h"
#include "gateway/car/car_fingerprint.h"
#include "tests/testkit/sanitized.h"

namespace {

constexpr std::string_view kVin = "JTDKB20U793012345";

std::atomic<bool> looking = false;
std::atomic<int> left_behind = 0;

[[maybe_unused]] void give_back(void* memory) {
  if (memory != nullptr && looking &&
      memmem(memory, malloc_usable_size(memory), kVin.data(), kVin.size()) != nullptr) {
    ++left_behind;
  }
  std::free(memory);
}

}  // namespace

#if !SUDARE_HAS_SANITIZER
void* operator new(std::size_t bytes) {
  void* const memory = std::calloc(1, bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { give_back(memory); }
#endif

namespace sudare {
namespace {

class WipeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (testkit::kSanitized) GTEST_SKIP() << "not run: a sanitizer owns operator new";
    ASSERT_TRUE(crypto_init());
    left_behind = 0;
    looking = true;
  }
  void TearDown() override { looking = false; }
};

TEST_F(WipeTest, TheSearchFindsWhatIsLeft) {
  { const std::string copy(kVin); }
  EXPECT_EQ(left_behind, 1);
}

TEST_F(WipeTest, AMalformedLineOfCsvIsNotLeftBehind) {
  static constexpr std::string_view kUnclosed = "slot-1,JTDKB20U793012345,\"ZVW30";
  static constexpr std::string_view kInQuotes = "slot-1,\"JTDKB20U793012345";
  static constexpr std::string_view kTrailing = "slot-1,\"JTDKB20U793012345\"x";
  for (const std::string_view line : {kUnclosed, kInQuotes, kTrailing}) {
    EXPECT_FALSE(csv_fields(line)) << line;
  }
  EXPECT_EQ(left_behind, 0);
}

// Through a pipe, as a factory line does: a line that is too long, and one that is not taken.
TEST_F(WipeTest, TheReaderOfLinesLeavesNothingBehind) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread line([&] {
    const std::string filling(64 * 1024, 'x');
    (void)!write(ends[1], kVin.data(), kVin.size());
    for (int i = 0; i < 17; ++i) (void)!write(ends[1], filling.data(), filling.size());
    (void)!write(ends[1], "\n", 1);
    (void)!write(ends[1], kVin.data(), kVin.size());
    close(ends[1]);
  });
  {
    std::string text;
    text.reserve(cli::kLineBytesMax);
    cli::LineReader reader(ends[0]);
    EXPECT_EQ(*reader.next(text), cli::LineReader::Outcome::kTooLong);
    line.join();
  }
  close(ends[0]);
  EXPECT_EQ(left_behind, 0);
}

TEST_F(WipeTest, ANumberThatTheFingerprintDoesNotKnowIsNotLeftBehind) {
  const auto kept = CarFingerprint::make("", "ZVW30-1234567");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->match(kVin, ""), CarFingerprint::Match::kNothing);
  EXPECT_FALSE(kept->covers(kVin, "ZVW30-1234567"));
  EXPECT_EQ(left_behind, 0);
}

}  // namespace
}  // namespace sudare
