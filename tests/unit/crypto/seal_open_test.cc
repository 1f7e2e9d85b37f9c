#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/limits.h"
#include "crypto/open/inspect.h"
#include "crypto/open/open.h"
#include "crypto/seal/seal.h"

namespace sudare::age {
namespace {

using open_side::Identity;
using open_side::open_failure;
using open_side::OpenFailure;

class SealOpenTest : public testing::Test {
 protected:
  SealOpenTest() {
    for (int i = 0; i < 3; ++i) {
      identities_.push_back(Identity::generate());
      recipients_.push_back(identities_.back().recipient());
    }
  }

  [[nodiscard]] std::string sealed(std::string_view plaintext) const {
    std::string out;
    EXPECT_TRUE(seal(recipients_, bytes_of(plaintext), out).has_value());
    return out;
  }
  // The plaintext, or the name of the failure.
  [[nodiscard]] std::string opened(std::string_view file, std::size_t identity = 0) const {
    std::string out;
    const Status status =
        open_side::open(std::span(identities_).subspan(identity, 1), bytes_of(file), out);
    return status ? out : std::string(literal_of(open_failure(status.error())).view());
  }

  std::vector<Identity> identities_;
  std::vector<Recipient> recipients_;
};

TEST_F(SealOpenTest, EachRecipientOpensAndNobodyElse) {
  const std::string file = sealed("to three");
  for (std::size_t i = 0; i < identities_.size(); ++i) EXPECT_EQ(opened(file, i), "to three");
  identities_.push_back(Identity::generate());
  EXPECT_EQ(opened(file, 3), "no match");
}

TEST_F(SealOpenTest, NoFileIsLikeAnother) { EXPECT_NE(sealed("same"), sealed("same")); }

TEST_F(SealOpenTest, SizesAreAsComputed) {
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 131073U}) {
    const std::string plaintext(size, 'x');
    const std::string file = sealed(plaintext);
    EXPECT_EQ(file.size(), sealed_bytes(recipients_.size(), size));
    EXPECT_EQ(opened(file), plaintext);
    const auto info = open_side::inspect(bytes_of(file), file.size());
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->x25519_stanzas, recipients_.size());
    EXPECT_EQ(info->header_bytes, header_bytes(recipients_.size()));
    EXPECT_EQ(info->plaintext_bytes, size);
  }
}

TEST_F(SealOpenTest, AppendsToWhatIsThere) {
  std::string out = "before";
  ASSERT_TRUE(seal(recipients_, bytes_of("x"), out).has_value());
  EXPECT_EQ(out.substr(0, 6), "before");
  EXPECT_EQ(opened(out.substr(6)), "x");
}

TEST_F(SealOpenTest, RoomThatIsThereIsUsedWhereItIs) {
  std::string out = "before";
  out.reserve(10'000);
  const char* const where = out.data();
  ASSERT_TRUE(seal(recipients_, bytes_of("x"), out).has_value());
  EXPECT_EQ(out.data(), where);
  EXPECT_EQ(opened(out.substr(6)), "x");
}

TEST_F(SealOpenTest, NoRecipientAndTooManyAreRefused) {
  std::string out = "before";
  EXPECT_EQ(seal({}, bytes_of("x"), out).error().code, ErrorCode::kRefused);
  recipients_.resize(kRecipientsMax + 1, recipients_[0]);
  EXPECT_EQ(seal(recipients_, bytes_of("x"), out).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(SealStream::start(recipients_, out).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(out, "before");
}

TEST_F(SealOpenTest, PiecesOfAnySizeMakeTheSameFile) {
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 200000U}) {
    for (const std::size_t piece : {7U, 4096U, 65536U, 65537U, 300000U}) {
      const std::string plaintext(size, 'p');
      std::string file;
      auto stream = SealStream::start(recipients_, file);
      ASSERT_TRUE(stream.has_value());
      for (std::size_t at = 0; at < size; at += piece) {
        stream->push(bytes_of(std::string_view(plaintext).substr(at, piece)), file);
      }
      stream->finish(file);
      EXPECT_EQ(file.size(), sealed_bytes(recipients_.size(), size));
      EXPECT_EQ(opened(file), plaintext);
    }
  }
}

TEST_F(SealOpenTest, AnyFlippedBitIsNoticed) {
  const std::string file = sealed("a plaintext");
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string damaged = file;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_NE(opened(damaged), "a plaintext") << i;
  }
}

TEST_F(SealOpenTest, AnyTruncationIsNoticed) {
  const std::string file = sealed(std::string(70'000, 'x'));
  const std::size_t header = header_bytes(recipients_.size());
  for (std::size_t size = 0; size < header + kPayloadNonceBytes; ++size) {
    EXPECT_EQ(opened(file.substr(0, size)), "header failure") << size;
  }
  for (const std::size_t missing : {1U, 16U, 4464U, 4480U, 4481U, 70'032U}) {
    EXPECT_EQ(opened(file.substr(0, file.size() - missing)), "payload failure") << missing;
  }
}

TEST_F(SealOpenTest, AStreamThatFailedGoesOnFailing) {
  std::string file = sealed("x");
  file[file.size() - 1] = static_cast<char>(file.back() ^ 1);
  open_side::OpenStream stream(identities_);
  std::string out;
  ASSERT_TRUE(stream.push(bytes_of(file), out).has_value());
  ASSERT_FALSE(stream.finish(out).has_value());
  open_side::OpenStream other(identities_);
  ASSERT_FALSE(other.push(bytes_of("nonsense"), out).has_value());
  EXPECT_FALSE(other.push(bytes_of(file), out).has_value());
  const Status last = other.finish(out);
  ASSERT_FALSE(last.has_value());
  EXPECT_EQ(open_failure(last.error()), OpenFailure::kHeader);
  EXPECT_EQ(out, "");
}

TEST_F(SealOpenTest, AMalformedStanzaAfterTheOneThatOpensIsAHeaderFailure) {
  std::string file = sealed("x");
  const std::size_t second = file.find("-> X25519", file.find("-> X25519") + 1);
  file.insert(second + 9, " extra");
  EXPECT_EQ(opened(file), "header failure");
}

TEST_F(SealOpenTest, HeadersAreBounded) {
  const std::string start(kVersionLine);
  std::string many = start;
  for (std::size_t i = 0; i <= kStanzasMax; ++i) many += "-> other\n\n";
  const auto too_many = open_side::inspect(bytes_of(many), many.size());
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().code, ErrorCode::kTooLarge);

  const std::string endless = start + "-> other " + std::string(kHeaderBytesMax, 'x');
  std::string out;
  const Status opened = open_side::open(identities_, bytes_of(endless), out);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kTooLarge);
}

TEST_F(SealOpenTest, ImpossibleSizesAreNoticedWithoutAKey) {
  const std::string file = sealed("x");
  for (const std::size_t size : {header_bytes(3), header_bytes(3) + 31}) {
    const auto info = open_side::inspect(bytes_of(file), size);
    ASSERT_FALSE(info.has_value());
    EXPECT_EQ(open_failure(info.error()), OpenFailure::kPayload);
  }
  EXPECT_FALSE(open_side::inspect(bytes_of("nonsense"), 8).has_value());
}

}  // namespace
}  // namespace sudare::age
