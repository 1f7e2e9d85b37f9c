// Both directions against the `age` command: what we seal it opens, what it seals we open.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "crypto/hkdf.h"
#include "crypto/open/key_file.h"
#include "crypto/open/open.h"
#include "crypto/seal/seal.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::age::open_side {
namespace {

constexpr std::size_t kPieceBytes = 100'000;  // no multiple of a chunk
constexpr std::size_t kLargeBytes = 100'000'000;
constexpr std::size_t kRecipients = 3;

bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

std::string digest_of(const std::filesystem::path& path) {
  const std::string command = "sha256sum < '" + path.string() + "'";
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 65> text{};
  EXPECT_EQ(64U, std::fread(text.data(), 1, 64, pipe));
  pclose(pipe);
  return text.data();
}

class AgeCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!run("command -v age age-keygen > /dev/null")) SUDARE_NOT_RUN("age");
    for (std::size_t i = 0; i < kRecipients; ++i) {
      identities_.push_back(Identity::generate());
      recipients_.push_back(identities_.back().recipient());
      const int descriptor = ::open(key_path(i).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
      ASSERT_GE(descriptor, 0);
      ASSERT_TRUE(write_key_file(descriptor, identities_.back()).has_value());
      close(descriptor);
    }
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return directory_.path() / name;
  }
  [[nodiscard]] std::filesystem::path key_path(std::size_t i) const {
    return path("key" + std::to_string(i));
  }

  // Bytes that no chunk repeats.
  void write_plaintext(std::size_t size) const {
    std::ofstream out(path("plain"), std::ios::binary);
    std::uint64_t state = size;
    std::string block;
    while (size > 0) {
      block.clear();
      while (block.size() < kPieceBytes) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        block.append(reinterpret_cast<const char*>(&state), sizeof state);
      }
      block.resize(std::min(block.size(), size));
      out << block;
      size -= block.size();
    }
  }

  void seal_file(std::size_t recipient_count) const {
    std::ifstream in(path("plain"), std::ios::binary);
    std::ofstream out(path("sealed"), std::ios::binary);
    std::string sealed;
    auto stream = SealStream::start(std::span(recipients_).first(recipient_count), sealed);
    ASSERT_TRUE(stream.has_value());
    std::string piece(kPieceBytes, '\0');
    while (in.read(piece.data(), kPieceBytes), in.gcount() > 0) {
      stream->push(bytes_of(piece).first(static_cast<std::size_t>(in.gcount())), sealed);
      out << sealed;
      sealed.clear();
    }
    stream->finish(sealed);
    out << sealed;
  }

  void open_file(std::size_t identity) const {
    std::ifstream in(path("sealed"), std::ios::binary);
    std::ofstream out(path("opened"), std::ios::binary);
    OpenStream stream{std::span(identities_).subspan(identity, 1)};
    std::string opened;
    std::string piece(kPieceBytes, '\0');
    while (in.read(piece.data(), kPieceBytes), in.gcount() > 0) {
      const auto count = static_cast<std::size_t>(in.gcount());
      ASSERT_TRUE(stream.push(bytes_of(piece).first(count), opened).has_value());
      out << opened;
      opened.clear();
    }
    ASSERT_TRUE(stream.finish(opened).has_value());
    out << opened;
  }

  void expect_opened() const { EXPECT_EQ(digest_of(path("opened")), digest_of(path("plain"))); }

  void round_trip(std::size_t size, std::size_t recipient_count) const {
    SCOPED_TRACE(std::to_string(size) + " bytes, recipients: " + std::to_string(recipient_count));
    const std::size_t last = recipient_count - 1;
    write_plaintext(size);
    seal_file(recipient_count);
    EXPECT_EQ(std::filesystem::file_size(path("sealed")), sealed_bytes(recipient_count, size));
    ASSERT_TRUE(run("age -d -i '" + key_path(last).string() + "' '" + path("sealed").string() +
                    "' > '" + path("opened").string() + "'"));
    expect_opened();

    std::string command = "age -o '" + path("sealed").string() + "'";
    for (std::size_t i = 0; i < recipient_count; ++i)
      command += " -r " + recipients_[i].to_string();
    ASSERT_TRUE(run(command + " '" + path("plain").string() + "'"));
    open_file(last);
    expect_opened();
  }

  std::vector<Identity> identities_;
  std::vector<Recipient> recipients_;
  testkit::TemporaryDirectory directory_;
};

TEST_F(AgeCommandTest, BothDirectionsAtEverySizeAroundAChunk) {
  for (const std::size_t size : {0U, 1U, 65'535U, 65'536U, 65'537U}) {
    round_trip(size, 1);
    round_trip(size, kRecipients);
  }
}

TEST_F(AgeCommandTest, BothDirectionsFor100MegabytesAndOneRecipient) { round_trip(kLargeBytes, 1); }

TEST_F(AgeCommandTest, BothDirectionsFor100MegabytesAndThreeRecipients) {
  round_trip(kLargeBytes, kRecipients);
}

TEST_F(AgeCommandTest, AnotherKeyOpensNothing) {
  write_plaintext(1000);
  seal_file(1);
  EXPECT_FALSE(run("age -d -i '" + key_path(1).string() + "' '" + path("sealed").string() +
                   "' > /dev/null 2>&1"));
}

TEST_F(AgeCommandTest, KeyFilesOfAgeKeygenAreRead) {
  ASSERT_TRUE(run("age-keygen -o '" + path("theirs").string() + "' 2> /dev/null"));
  ASSERT_TRUE(
      run("age-keygen -y '" + path("theirs").string() + "' > '" + path("public").string() + "'"));
  const auto identities = read_key_file(path("theirs"));
  ASSERT_TRUE(identities.has_value());
  ASSERT_EQ(identities->size(), 1U);
  EXPECT_EQ(identities->front().recipient().to_string() + "\n", testkit::read_file(path("public")));
}

TEST_F(AgeCommandTest, AgeKeygenReadsOurKeyFiles) {
  ASSERT_TRUE(
      run("age-keygen -y '" + key_path(0).string() + "' > '" + path("public").string() + "'"));
  EXPECT_EQ(recipients_[0].to_string() + "\n", testkit::read_file(path("public")));
}

}  // namespace
}  // namespace sudare::age::open_side
