// Things are planted in clean clips where recorders put them; inspect names each and its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/clip/box_tree.h"
#include "tests/unit/clip/inspect_media.h"
#include "tests/unit/clip/verify_streams.h"

namespace sudare::clip::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class PlantedMp4 : public ::testing::Test {
 protected:
  void SetUp() override {
    boxes = fragmented_mp4({h264_track()});
    ASSERT_THAT(lines(), IsEmpty());
  }
  std::set<std::string> lines() const { return inspect(write_boxes(boxes)).lines(); }
  Node& moov() { return find_box(boxes, "moov"); }
  void user_data(const Node& node) { moov().children.push_back(parent("udta", {node})); }

  std::vector<Node> boxes;
};

TEST_F(PlantedMp4, CleanClipHoldsNothing) {
  const Inspection inspection = inspect(write_boxes(boxes));
  EXPECT_EQ(inspection.result.container, Container::kMp4);
  EXPECT_EQ(inspection.result.findings, 0U);
  EXPECT_FALSE(inspection.result.truncated);
}

TEST_F(PlantedMp4, UserDataOfAllKinds) {
  user_data(leaf("\xA9xyz", bytes_of(std::string_view("\0\x12\x15\xC7+35.6812+139.7671/", 22))));
  EXPECT_THAT(lines(), Contains("position at moov/udta/©xyz tells where"));
  EXPECT_THAT(lines(), Contains("coordinates at bytes tells where"));
  user_data(
      leaf("\xA9"
           "day",
           bytes_of("long ago")));
  EXPECT_THAT(lines(), Contains("date at moov/udta/©day tells when"));
  user_data(leaf("\xA9mak", bytes_of("a maker")));
  user_data(leaf("\xA9mod", bytes_of("a model")));
  user_data(leaf("loci", bytes_of("a place")));
  user_data(leaf("Abcd", bytes_of("what?")));
  const auto found = lines();
  EXPECT_THAT(found, Contains("maker at moov/udta/©mak tells which device"));
  EXPECT_THAT(found, Contains("model at moov/udta/©mod tells which device"));
  EXPECT_THAT(found, Contains("position at moov/udta/loci tells where"));
  EXPECT_THAT(found, Contains("user-data at moov/udta/other tells unknown"));
}

TEST_F(PlantedMp4, NamesFromTheFileAreNotRepeated) {
  user_data(leaf("Taro", bytes_of("x")));
  const Inspection inspection = inspect(write_boxes(boxes));
  for (const InspectFinding& finding : inspection.findings) {
    EXPECT_EQ(to_line(finding).find("Taro"), std::string::npos);
  }
}

TEST_F(PlantedMp4, MakersBoxesAndUuid) {
  moov().children.push_back(leaf("gps ", Buffer(16, 1)));
  boxes.push_back(leaf("free", bytes_of("something")));
  boxes.push_back(leaf("uuid", hex("BE7ACFCB97A942E89C71999491E3AFAC 3C")));
  boxes.push_back(leaf("uuid", Buffer(20, 7)));
  const auto found = lines();
  EXPECT_THAT(found, Contains("gps-table at moov/gps  tells where"));
  EXPECT_THAT(found, Contains("padding-with-data at free tells unknown"));
  EXPECT_THAT(found, Contains("xmp at uuid tells who"));
  EXPECT_THAT(found, Contains("uuid at uuid tells unknown"));
}

TEST_F(PlantedMp4, TimesLanguageAndNames) {
  find_box(boxes, "moov/mvhd").content[5] = 1;
  find_box(boxes, "moov/trak/mdia/mdhd").content[20] = 0x15;
  find_box(boxes, "moov/trak/mdia/mdhd").content[21] = 0xC7;
  append(find_box(boxes, "moov/trak/mdia/hdlr").content, bytes_of("GoPro"));
  find_box(boxes, "moov/trak/mdia/minf/stbl/stsd").content[8 + 8 + 42] = 5;
  find_box(boxes, "moov/trak/mdia/minf/stbl/stsd").content[8 + 8 + 43] = 'M';
  const auto found = lines();
  EXPECT_THAT(found, Contains("creation-time at moov/mvhd tells when"));
  EXPECT_THAT(found, Contains("language at moov/trak/mdia/mdhd tells who"));
  EXPECT_THAT(found, Contains("handler-name at moov/trak/mdia/hdlr tells which device"));
  EXPECT_THAT(found,
              Contains("compressor-name at moov/trak/mdia/minf/stbl/stsd tells which device"));
}

TEST_F(PlantedMp4, TracksThatAreNeitherPictureNorSound) {
  for (const auto& [type, line] : {std::pair{"gpmd", "gps-track"},
                                   {"camm", "gps-track"},
                                   {"mebx", "metadata-track"},
                                   {"tx3g", "text-track"},
                                   {"text", "text-track"},
                                   {"tmcd", "time-code-track"}}) {
    CleanTrack track;
    track.handler = "meta";
    track.entry = leaf(type, hex("000000000000 0001"));
    track.samples.assign(1, Buffer(8, 0x80));
    const auto found = inspect(write_boxes(fragmented_mp4({h264_track(), track}))).lines();
    const std::string place = std::string(line) + " at moov/trak/mdia/minf/stbl/stsd/" + type;
    EXPECT_THAT(found, Contains(::testing::StartsWith(place)));
    EXPECT_THAT(found, Contains(::testing::StartsWith("metadata-track at moov/trak/mdia/hdlr")));
  }
}

// Found by fuzzing: what lies behind a handler box was taken for its name.
TEST_F(PlantedMp4, AHandlerBoxThatIsTooShortIsReadNoFurther) {
  for (const std::size_t bytes : {0U, 8U, 20U, 23U}) {
    boxes = fragmented_mp4({h264_track()});
    user_data(parent("meta", {leaf("hdlr", Buffer(bytes, 'x'))}));
    for (const std::string& line : lines()) EXPECT_EQ(line.find("handler"), std::string::npos);
  }
}

TEST_F(PlantedMp4, SoundIsNamed) {
  const auto found = inspect(write_boxes(fragmented_mp4({h264_track(), sound_track()}))).lines();
  EXPECT_THAT(found, Contains("sound at moov/trak/mdia/hdlr tells sound"));
}

TEST_F(PlantedMp4, TrailingBytesAndBlocksInMdat) {
  Buffer stream = write_boxes(boxes);
  const std::size_t clean = stream.size();
  append(stream, bytes_of("freeGPS "));
  append(stream, Buffer(64, 0xEE));
  const Inspection inspection = inspect(stream);
  EXPECT_THAT(inspection.lines(), Contains("trailing-bytes at file tells unknown"));
  EXPECT_THAT(inspection.lines(), Contains("gps-block at bytes tells where"));
  for (const InspectFinding& finding : inspection.findings) EXPECT_EQ(finding.offset, clean);
  Buffer& data = find_box(boxes, "mdat").content;
  const Buffer block = bytes_of("LIGOGPSINFO");
  std::copy(block.begin(), block.end(), data.begin() + 300);
  EXPECT_THAT(lines(), Contains("gps-block at bytes tells where"));
}

TEST_F(PlantedMp4, ClipThatWasCutOffIsReadAsFarAsItGoes) {
  user_data(leaf("\xA9xyz", bytes_of("somewhere")));
  Buffer stream = write_boxes({boxes[0], boxes[1]});
  stream.resize(stream.size() - 2);
  append(stream, Buffer{});
  const Inspection inspection = inspect(stream);
  EXPECT_TRUE(inspection.result.truncated);
}

// Real encoders write about themselves in SEI.
TEST(PlantedSei, EncoderOptionsOfBothEncoders) {
  Media media;
  EXPECT_THAT(inspect(media.picture("a.mp4", "libx264")).lines(),
              Contains("encoder-options at moov/trak/first sample/SEI tells which device"));
  const auto hevc =
      inspect(media.picture("b.mp4", "libx265", {"-x265-params", "log-level=none"})).lines();
  EXPECT_THAT(
      hevc,
      Contains("encoder-options at moov/trak/mdia/minf/stbl/stsd/hvcC/SEI tells which device"));
  EXPECT_THAT(inspect(media.picture("c.mp4", "mpeg4")).lines(),
              Contains("encoder at bytes tells which device"));
}

TEST(PlantedMetadata, OfQuickTimesKeys) {
  Media media;
  media.picture("a.mp4", "mpeg4");
  const Buffer tagged = media.make(
      "b.mov",
      {"-i", media.path("a.mp4"), "-c", "copy", "-movflags", "use_metadata_tags", "-metadata",
       "com.apple.quicktime.location.ISO6709=+35.6812+139.7671/", "-metadata",
       "com.apple.quicktime.make=Maker", "-metadata", "com.apple.quicktime.creationdate=2023"});
  const Inspection inspection = inspect(tagged);
  EXPECT_THAT(inspection.lines(), Contains("position at moov/udta/meta/ilst/key tells where"));
  EXPECT_THAT(inspection.lines(), Contains("maker at moov/udta/meta/ilst/key tells which device"));
  EXPECT_THAT(inspection.lines(), Contains("date at moov/udta/meta/ilst/key tells when"));
}

TEST(PlantedTransportStream, PrivateDataSoundAndText) {
  Media media;
  media.picture("a.mp4", "libx264");
  media.write("a.srt", bytes_of("1\n00:00:00,000 --> 00:00:01,000\n$GPRMC,123\n\n"));
  const Buffer stream = media.make(
      "a.ts", {"-i", media.path("a.mp4"), "-f", "lavfi", "-i", "sine=duration=2", "-c:v", "copy",
               "-c:a", "mp2", "-metadata:s:a:0", "language=jpn", "-f", "mpegts"});
  const Inspection inspection = inspect(stream);
  EXPECT_EQ(inspection.result.container, Container::kTransportStream);
  EXPECT_THAT(inspection.lines(), Contains("sound at ts/PMT tells sound"));
  EXPECT_THAT(inspection.lines(), Contains("language at ts/PMT/descriptor tells who"));
  EXPECT_THAT(inspection.lines(), Contains("encoder at ts/stream tells which device"));
}

TEST(PlantedTransportStream, MarkerThatPacketsCutIsFound) {
  Media media;
  Buffer text;
  for (unsigned i = 0; i < 400; ++i) append(text, bytes_of("+35.6812+139.7671/......."));
  media.write("text.bin", text);
  const Buffer stream = media.make("a.ts", {"-f", "data", "-i", media.path("text.bin"), "-map", "0",
                                            "-c", "copy", "-f", "mpegts"});
  const auto found = inspect(stream).lines();
  EXPECT_THAT(found, Contains("private-stream at ts/PMT tells where"));
  EXPECT_THAT(found, Contains("coordinates at ts/stream tells where"));
}

TEST(PlantedAvi, InfoJunkAndPictures) {
  Media media;
  Buffer avi =
      media.picture("a.avi", "mjpeg", {"-metadata", "date=2020-08-28", "-metadata", "title=t"});
  const auto found = inspect(avi).lines();
  EXPECT_THAT(found, Contains("date at INFO/ICRD tells when"));
  EXPECT_THAT(found, Contains("title at INFO/INAM tells who"));
  EXPECT_THAT(found, Contains("software at INFO/ISFT tells which device"));
  EXPECT_THAT(found, Contains("comment at movi/COM tells unknown"));
  const std::size_t clean = avi.size();
  append(avi, bytes_of("trailing"));
  const Inspection more = inspect(avi);
  EXPECT_THAT(more.lines(), Contains("trailing-bytes at file tells unknown"));
  EXPECT_EQ(more.findings.front().offset <= clean, true);
}

TEST(Inspect, ManyAlikeAreCountedAndNotListed) {
  Buffer bytes;
  for (unsigned i = 0; i < 1000; ++i) append(bytes, bytes_of(std::string_view("freeGPS \0\0", 10)));
  const Inspection inspection = inspect(bytes);
  EXPECT_EQ(inspection.result.container, Container::kUnknown);
  EXPECT_EQ(inspection.result.findings, 1000U);
  EXPECT_EQ(inspection.findings.size(), kInspectAlikeMax);
}

TEST(Inspect, LineIsWhatTheContractSays) {
  EXPECT_EQ(to_line({"position", Tells::kWhere, {"moov", "udta", "©xyz"}, 12, 34}),
            "{\"what\":\"position\",\"tells\":\"where\",\"where\":\"moov/udta/©xyz\",\"offset\":12,"
            "\"bytes\":34}\n");
}

TEST(Inspect, AnythingIsReadToItsEnd) {
  EXPECT_EQ(inspect({}).result.findings, 0U);
  EXPECT_EQ(inspect(bytes_of("RIFF")).result.findings, 0U);
  EXPECT_EQ(inspect(Buffer(100, 0)).result.container, Container::kUnknown);
}

}  // namespace
}  // namespace sudare::clip::testing
