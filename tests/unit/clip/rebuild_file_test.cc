// What a clip is by its first bytes, and that it is read at any place.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "clip/rebuild/clip_file.h"
#include "clip/rebuild/reject.h"
#include "fleet/cli/descriptor.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::clip::rebuild {
namespace {

class ClipFileTest : public testing::Test {
 protected:
  Result<ClipFile> file(const std::string& bytes) {
    const std::string path = directory_.path() / "clip";
    std::ofstream(path, std::ios::binary) << bytes;
    opened_ = std::make_unique<Descriptor>(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return ClipFile::open(opened_->get());
  }
  Sniffed sniffed(const std::string& bytes) { return sniff(*file(bytes)); }

 private:
  testkit::TemporaryDirectory directory_;
  std::unique_ptr<Descriptor> opened_;
};

std::string box(const std::string& type, std::size_t size) {
  std::string bytes{0, 0, static_cast<char>(size >> 8), static_cast<char>(size)};
  bytes += type;
  bytes.resize(size, 'x');
  return bytes;
}

std::string ts(std::size_t packet_bytes, int packets, std::size_t stamp_bytes = 0) {
  std::string bytes;
  for (int i = 0; i < packets; ++i) {
    std::string packet(packet_bytes, '\0');
    packet[stamp_bytes] = 0x47;
    bytes += packet;
  }
  return bytes;
}

TEST_F(ClipFileTest, ContainersAreKnownByTheirFirstBytes) {
  EXPECT_EQ(sniffed(box("ftyp", 24) + box("moov", 40)).container, Container::kMov);
  EXPECT_EQ(sniffed(box("mdat", 24)).container, Container::kMov);
  EXPECT_EQ(sniffed(ts(188, 8)).container, Container::kMpegTs);
  EXPECT_EQ(sniffed(ts(192, 8, 4)).container, Container::kMpegTs);
  EXPECT_EQ(sniffed("RIFF" + std::string(4, '\0') + "AVI LIST").container, Container::kAvi);
}

TEST_F(ClipFileTest, OthersAreNone) {
  for (const std::string& bytes :
       {std::string(), std::string("#EXTM3U\n/etc/passwd\n"), std::string("ffconcat version 1.0"),
        std::string("RIFFxxxxWAVEfmt "), std::string(4096, '\x47').substr(0, 100)}) {
    EXPECT_EQ(sniffed(bytes).container, Container::kNone) << bytes;
  }
}

TEST_F(ClipFileTest, ABoxLongerThanTheFileIsCutOff) {
  const std::string whole = box("ftyp", 24) + box("mdat", 300);
  EXPECT_FALSE(sniffed(whole).cut_off);
  EXPECT_TRUE(sniffed(whole.substr(0, 200)).cut_off);
}

TEST_F(ClipFileTest, APieceOfATsPacketIsCutOff) {
  EXPECT_FALSE(sniffed(ts(188, 9)).cut_off);
  EXPECT_TRUE(sniffed(ts(188, 9).substr(0, 1600)).cut_off);
  EXPECT_FALSE(sniffed(ts(192, 9, 4)).cut_off);
}

TEST_F(ClipFileTest, ReadsAnywhereAndNothingBehindTheEnd) {
  const auto clip = file("0123456789");
  ASSERT_TRUE(clip);
  std::array<std::uint8_t, 4> into{};
  EXPECT_EQ(clip->read(7, into), 3);
  EXPECT_EQ(into[0], '7');
  EXPECT_EQ(clip->read(10, into), 0);
  EXPECT_EQ(clip->read(-1, into), 0);
}

TEST_F(ClipFileTest, OnlyARegularFileIsTaken) {
  const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto clip = ClipFile::open(null.get());
  ASSERT_FALSE(clip);
  EXPECT_EQ(reason_of(clip.error()), Reason::kInput);
}

}  // namespace
}  // namespace sudare::clip::rebuild
