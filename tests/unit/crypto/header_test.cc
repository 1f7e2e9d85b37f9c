// Headers that no writer makes, as `inspect` and `open` see them. The published vectors
// (tests/conformance/crypto) hold most malformed headers; here is what they leave out.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/open/identity.h"
#include "crypto/open/inspect.h"
#include "crypto/seal/seal.h"

namespace sudare::age {
namespace {

using open_side::Identity;
using open_side::inspect;

constexpr const char* kVersion = "age-encryption.org/v1\n";

std::string mac_line() { return "--- " + std::string(43, 'A') + "\n"; }

Error error_of(const std::string& start, std::uint64_t file_bytes = 1'000'000) {
  const auto info = inspect(bytes_of(start), file_bytes);
  return info ? Error{ErrorCode::kInternal, "read"} : info.error();
}

TEST(HeaderTest, WithoutAStanzaNobodyCouldOpenTheFile) {
  const Error error = error_of(kVersion + mac_line());
  EXPECT_EQ(error.code, ErrorCode::kMalformed);
  EXPECT_EQ(error.what.view(), "age header: no stanza");
}

TEST(HeaderTest, AnArgumentIsOfVisibleCharacters) {
  for (const std::string argument : {"X\x7f", "X\x1f", "X\t", "X\x80", ""}) {
    const Error error = error_of(kVersion + ("-> " + argument + " a\nAAAA\n") + mac_line());
    EXPECT_EQ(error.code, ErrorCode::kMalformed) << argument;
    EXPECT_EQ(error.what.view(), "age header: stanza arguments") << argument;
  }
}

class InspectTest : public testing::Test {
 protected:
  InspectTest() {
    const std::vector<Recipient> recipients = {Identity::generate().recipient()};
    EXPECT_TRUE(seal(recipients, bytes_of("plaintext"), file_));
  }
  std::string file_;
};

TEST_F(InspectTest, ACutHeaderIsIncompleteWhereverItIsCut) {
  const std::size_t header = inspect(bytes_of(file_), file_.size())->header_bytes;
  for (std::size_t size = 0; size < header; ++size) {
    const Error error = error_of(file_.substr(0, size), size);
    EXPECT_EQ(error.code, ErrorCode::kMalformed);
    EXPECT_EQ(error.what.view(), "age header: incomplete") << size;
  }
}

TEST_F(InspectTest, AFileThatIsShorterThanItsHeaderIsIncomplete) {
  const std::size_t header = inspect(bytes_of(file_), file_.size())->header_bytes;
  EXPECT_EQ(error_of(file_, header - 1).what.view(), "age header: incomplete");
  EXPECT_EQ(error_of(file_, header).what.view(), "age payload: impossible size");
}

}  // namespace
}  // namespace sudare::age
