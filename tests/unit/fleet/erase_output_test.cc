// Erasure orders on what `sudare open -o DIR` has written.
#include "fleet/open/erase_output.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

class EraseOutputTest : public testing::Test {
 protected:
  EraseOutputTest() {
    ErasureOrder order;
    order.purpose = "traffic";
    order.pseudonyms.emplace_back().fill(0xab);
    EXPECT_TRUE(orders_.add(order, "traffic"));
  }
  [[nodiscard]] std::filesystem::path file() const {
    return output_file(directory_.path(), "traffic");
  }
  static std::string line(const std::string& pseudonym, std::int64_t time_ms) {
    return R"({"purpose":"traffic","pseudonym":)" + pseudonym + R"(,"topic":"t","time_ms":)" +
           std::to_string(time_ms) + ",\"payload\":{}}\n";
  }
  static std::string named() { return line("\"abababababababababababababababab\"", 5); }
  static std::string other() { return line("\"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\"", 5); }
  void write(const std::string& text) { std::ofstream(file(), std::ios::binary) << text; }
  std::string text() { return testkit::read_file(file()); }
  Result<ErasedOutput> erase() {
    const auto held = OutputDirectory::hold(directory_.path(), OutputDirectory::Hold::kToRewrite);
    if (!held) return tl::unexpected<Error>(held.error());
    return erase_output(directory_.path(), *held, "traffic", orders_);
  }

  testkit::TemporaryDirectory directory_;
  ErasureOrders orders_;
};

TEST_F(EraseOutputTest, WhatIsNamedGoesAndTheRestStaysByteForByte) {
  const std::string of_nobody = line("null", 5);
  write(other() + named() + of_nobody + named());
  const auto done = erase();
  ASSERT_TRUE(done) << done.error().what.view();
  EXPECT_EQ(done->erased, 2U);
  EXPECT_EQ(done->kept, 2U);
  EXPECT_EQ(text(), other() + of_nobody);
}

TEST_F(EraseOutputTest, LinesThatAreNoRecordsAreKeptAndTold) {
  write("hello\n" + named() + line("\"abab\"", 5));
  const auto done = erase();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->unreadable, 2U);
  EXPECT_EQ(done->erased, 1U);
  EXPECT_EQ(text(), "hello\n" + line("\"abab\"", 5));
}

TEST_F(EraseOutputTest, RefusedWhileSomebodyAppends) {
  RecordOutput output;
  ASSERT_TRUE(output.open(directory_.path(), "traffic"));
  output.write(named());
  ASSERT_TRUE(output.flush());
  EXPECT_EQ(erase().error().code, ErrorCode::kRefused);
  EXPECT_EQ(text(), named());
}

TEST_F(EraseOutputTest, AppendingIsRefusedWhileSomebodyErases) {
  const auto held = OutputDirectory::hold(directory_.path(), OutputDirectory::Hold::kToRewrite);
  ASSERT_TRUE(held);
  RecordOutput output;
  EXPECT_EQ(output.open(directory_.path(), "traffic").error().code, ErrorCode::kRefused);
}

TEST_F(EraseOutputTest, ModeStaysAndNothingIsLeftBeside) {
  write(named());
  std::filesystem::permissions(file(), std::filesystem::perms(0640));
  ASSERT_TRUE(erase());
  EXPECT_EQ(text(), "");
  EXPECT_EQ(std::filesystem::status(file()).permissions(), std::filesystem::perms(0640));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
  EXPECT_EQ(erase()->erased, 0U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(EraseOutputTest, NoFileIsSaid) { EXPECT_EQ(erase().error().code, ErrorCode::kNotFound); }

}  // namespace
}  // namespace sudare
