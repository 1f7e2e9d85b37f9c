// Motion JPEG: application data, comments and what follows the picture go, the picture stays.
#include <gtest/gtest.h>

#include "clip/nal/mjpeg.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::Media;

Buffer segment(std::uint8_t marker, std::string_view content) {
  Buffer out{0xFF, marker};
  put16(out, content.size() + 2);
  append(out, bytes_of(content));
  return out;
}

// A JPEG picture with `more` behind its SOI and `behind` at its end.
Buffer picture(Bytes clean, const Buffer& more, const Buffer& behind = {}) {
  Buffer out(clean.begin(), clean.begin() + 2);
  append(out, more);
  append(out, clean.subspan(2));
  append(out, behind);
  return out;
}

constexpr std::uint32_t kHeight = 96;

class Mjpeg : public ::testing::Test {
 protected:
  void SetUp() override {
    const Buffer made = media.picture("a.jpg", "mjpeg", {"-frames:v", "1"});
    ASSERT_TRUE(filter_mjpeg(made, kHeight, clean));
    ASSERT_TRUE(contains(made, "Lavc"));
    ASSERT_EQ(media.frames("mjpeg", clean), media.frames("mjpeg", made));
  }
  Media media;
  Buffer clean;
};

TEST_F(Mjpeg, WithoutCodedDataIsRefused) {
  Buffer out;
  EXPECT_FALSE(filter_mjpeg({}, kHeight, out));
  EXPECT_FALSE(filter_mjpeg(Buffer{0xFF, 0xD8, 0xFF, 0xD9}, kHeight, out));
  EXPECT_FALSE(filter_mjpeg(bytes_of("RIFF"), kHeight, out));
}

TEST_F(Mjpeg, CleanPictureStaysAsItIs) {
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(clean, kHeight, out));
  EXPECT_EQ(out, clean);
  EXPECT_FALSE(contains(clean, "Lavc"));
  EXPECT_FALSE(contains(clean, "JFIF"));
}

TEST_F(Mjpeg, EveryApplicationSegmentAndCommentIsDropped) {
  for (unsigned marker = 0xE0; marker <= 0xFE; ++marker) {
    if (marker >= 0xF0 && marker != 0xFE) continue;
    Buffer out;
    const Buffer segment_of_text =
        segment(static_cast<std::uint8_t>(marker), "Exif: +35.6812+139.7671/");
    ASSERT_TRUE(filter_mjpeg(picture(clean, segment_of_text), kHeight, out)) << marker;
    EXPECT_EQ(out, clean) << marker;
  }
}

TEST_F(Mjpeg, BytesBehindThePictureAreDropped) {
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(picture(clean, {}, bytes_of("freeGPS")), kHeight, out));
  EXPECT_EQ(out, clean);
  // Between the segments too.
  ASSERT_TRUE(filter_mjpeg(picture(clean, bytes_of("freeGPS")), kHeight, out));
  EXPECT_EQ(out, clean);
}

TEST_F(Mjpeg, FieldOrderAndColourTransformAreWrittenAnew) {
  Buffer out;
  const Buffer avi1 = segment(0xE0, std::string_view("AVI1\1GPS here: 35.6, 139.7", 26));
  const Buffer adobe = segment(0xEE, std::string_view("Adobe\0\144secret\1and more", 22));
  Buffer both = avi1;
  append(both, adobe);
  ASSERT_TRUE(filter_mjpeg(picture(clean, both), kHeight, out));
  Buffer kept = segment(0xE0, std::string_view("AVI1\1\0\0\0\0\0\0\0\0\0", 14));
  append(kept, segment(0xEE, std::string_view("Adobe\0\144\0\0\0\0t", 12)));
  EXPECT_FALSE(contains(out, "GPS"));
  EXPECT_FALSE(contains(out, "secret"));
  EXPECT_TRUE(contains(out, "AVI1"));
  Buffer again;
  ASSERT_TRUE(filter_mjpeg(out, kHeight, again));
  EXPECT_EQ(again, out);
}

TEST_F(Mjpeg, SecondFieldIsKept) {
  Buffer fields = clean;
  fields.resize(fields.size() + 7);
  append(fields, clean);
  append(fields, bytes_of("trailing"));
  Buffer both = clean;
  append(both, clean);
  Buffer out;
  // A container of twice the height.
  ASSERT_TRUE(filter_mjpeg(fields, 2 * kHeight, out));
  EXPECT_EQ(out, both);
}

TEST_F(Mjpeg, SecondPictureThatIsNoFieldIsDropped) {
  Buffer both = clean;
  append(both, clean);
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(both, kHeight, out));
  EXPECT_EQ(out, clean);
  ASSERT_TRUE(filter_mjpeg(both, 0, out));
  EXPECT_EQ(out, clean);
  // A mark of interlacing makes it one.
  const Buffer marked =
      picture(clean, segment(0xE0, std::string_view("AVI1\1\0\0\0\0\0\0\0\0\0", 14)));
  both = marked;
  append(both, clean);
  ASSERT_TRUE(filter_mjpeg(both, kHeight, out));
  EXPECT_EQ(out, both);
}

TEST_F(Mjpeg, TablesThatNoScanNamesAreDropped) {
  std::string quantisers(65, 'Q');
  quantisers[0] = 3;
  const std::string huffman =
      std::string("\x13\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0", 17) + "GPS35.17";
  Buffer more = segment(0xDB, quantisers);
  append(more, segment(0xC4, huffman));
  append(more, segment(0xC4, huffman));
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(picture(clean, more), kHeight, out));
  EXPECT_EQ(out, clean);
}

TEST_F(Mjpeg, TablesTwiceAndSecondScansAreRefused) {
  std::string quantisers(65, 'Q');
  quantisers[0] = 0;
  Buffer out;
  EXPECT_FALSE(filter_mjpeg(picture(clean, segment(0xDB, quantisers)), kHeight, out));
  Buffer scan(clean.begin(), clean.end() - 2);
  append(scan, segment(0xDA, std::string_view("\1\1\0\0\x3F\0", 6)));
  append(scan, bytes_of("freeGPS"));
  append(scan, Buffer{0xFF, 0xD9});
  EXPECT_FALSE(filter_mjpeg(scan, kHeight, out));
}

TEST_F(Mjpeg, OfRestartIntervalsTheFirstStays) {
  Buffer more = segment(0xDD, std::string_view("\0\0", 2));
  Buffer out;
  Buffer once;
  ASSERT_TRUE(filter_mjpeg(picture(clean, more), kHeight, once));
  append(more, segment(0xDD, "35"));
  ASSERT_TRUE(filter_mjpeg(picture(clean, more), kHeight, out));
  EXPECT_EQ(out, once);
}

TEST_F(Mjpeg, PictureCutInItsCodedDataGetsAnEnd) {
  const Bytes cut = Bytes(clean).first(clean.size() - 40);
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(cut, kHeight, out));
  EXPECT_EQ(out.back(), 0xD9);
}

TEST_F(Mjpeg, ProgressivePicturesKeepAllTheirScans) {
  const Buffer made = media.picture("p.jpg", "mjpeg", {"-frames:v", "1", "-huffman", "optimal"});
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(made, kHeight, out));
  EXPECT_EQ(media.frames("mjpeg", out), media.frames("mjpeg", made));
}

}  // namespace
}  // namespace sudare::clip
