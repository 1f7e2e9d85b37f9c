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

class Mjpeg : public ::testing::Test {
 protected:
  void SetUp() override {
    const Buffer made = media.picture("a.jpg", "mjpeg", {"-frames:v", "1"});
    ASSERT_TRUE(filter_mjpeg(made, clean));
    ASSERT_TRUE(contains(made, "Lavc"));
    ASSERT_EQ(media.frames("mjpeg", clean), media.frames("mjpeg", made));
  }
  Media media;
  Buffer clean;
};

TEST_F(Mjpeg, WithoutCodedDataIsRefused) {
  Buffer out;
  EXPECT_FALSE(filter_mjpeg({}, out));
  EXPECT_FALSE(filter_mjpeg(Buffer{0xFF, 0xD8, 0xFF, 0xD9}, out));
  EXPECT_FALSE(filter_mjpeg(bytes_of("RIFF"), out));
}

TEST_F(Mjpeg, CleanPictureStaysAsItIs) {
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(clean, out));
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
    ASSERT_TRUE(filter_mjpeg(picture(clean, segment_of_text), out)) << marker;
    EXPECT_EQ(out, clean) << marker;
  }
}

TEST_F(Mjpeg, BytesBehindThePictureAreDropped) {
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(picture(clean, {}, bytes_of("freeGPS")), out));
  EXPECT_EQ(out, clean);
  // Between the segments too.
  ASSERT_TRUE(filter_mjpeg(picture(clean, bytes_of("freeGPS")), out));
  EXPECT_EQ(out, clean);
}

TEST_F(Mjpeg, FieldOrderAndColourTransformAreWrittenAnew) {
  Buffer out;
  const Buffer avi1 = segment(0xE0, std::string_view("AVI1\1GPS here: 35.6, 139.7", 26));
  const Buffer adobe = segment(0xEE, std::string_view("Adobe\0\144secret\1and more", 22));
  Buffer both = avi1;
  append(both, adobe);
  ASSERT_TRUE(filter_mjpeg(picture(clean, both), out));
  Buffer kept = segment(0xE0, std::string_view("AVI1\1\0\0\0\0\0\0\0\0\0", 14));
  append(kept, segment(0xEE, std::string_view("Adobe\0\144\0\0\0\0t", 12)));
  EXPECT_FALSE(contains(out, "GPS"));
  EXPECT_FALSE(contains(out, "secret"));
  EXPECT_TRUE(contains(out, "AVI1"));
  Buffer again;
  ASSERT_TRUE(filter_mjpeg(out, again));
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
  ASSERT_TRUE(filter_mjpeg(fields, out));
  EXPECT_EQ(out, both);
}

TEST_F(Mjpeg, PictureCutInItsCodedDataGetsAnEnd) {
  const Bytes cut = Bytes(clean).first(clean.size() - 40);
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(cut, out));
  EXPECT_EQ(out.back(), 0xD9);
}

TEST_F(Mjpeg, ProgressivePicturesKeepAllTheirScans) {
  const Buffer made = media.picture("p.jpg", "mjpeg", {"-frames:v", "1", "-huffman", "optimal"});
  Buffer out;
  ASSERT_TRUE(filter_mjpeg(made, out));
  EXPECT_EQ(media.frames("mjpeg", out), media.frames("mjpeg", made));
}

}  // namespace
}  // namespace sudare::clip
