// One thing is planted in the boxes of a clean stream; exactly that is found.
#include <gtest/gtest.h>

#include "tests/unit/clip/verify_streams.h"

namespace sudare::clip::testing {
namespace {

class Boxes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { track_ = new CleanTrack(h264_track()); }
  static void TearDownTestSuite() {
    delete track_;
    track_ = nullptr;
  }
  void SetUp() override {
    boxes = fragmented_mp4({*track_});
    ASSERT_EQ(finding_in(boxes), "");
  }
  Node& at(std::string_view path) { return find_box(boxes, path); }

  std::vector<Node> boxes;
  static CleanTrack* track_;
};
CleanTrack* Boxes::track_ = nullptr;

TEST_F(Boxes, BoxesThatMayNotBeThereAreFoundWhereverTheyStand) {
  for (const char* type :
       {"free", "skip", "uuid", "udta", "meta", "sidx", "styp", "mfra", "gps "}) {
    for (std::size_t place = 0; place <= boxes.size(); ++place) {
      std::vector<Node> changed = boxes;
      changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(place), leaf(type, Buffer(8)));
      EXPECT_EQ(finding_in(changed).substr(0, 4), "box:") << type << " at " << place;
    }
    for (const char* path : {"moov", "moov/trak", "moov/trak/mdia", "moov/trak/mdia/minf",
                             "moov/trak/mdia/minf/stbl", "moov/mvex", "moof", "moof/traf"}) {
      const std::size_t children = at(path).children.size();
      for (std::size_t place = 0; place <= children; ++place) {
        std::vector<Node> changed = boxes;
        Node& node = find_box(changed, path);
        node.children.insert(node.children.begin() + static_cast<std::ptrdiff_t>(place),
                             leaf(type, Buffer(8)));
        EXPECT_EQ(finding_in(changed).substr(0, 4), "box:") << type << " in " << path << place;
      }
    }
  }
}

TEST_F(Boxes, EditListIsFound) {
  Node& track = at("moov/trak");
  track.children.insert(track.children.begin() + 1,
                        parent("edts", {leaf("elst", hex("00000000 00000000"))}));
  EXPECT_EQ(finding_in(boxes), "box: moov: a box in a track");
}

TEST_F(Boxes, CreationAndModificationTimesAreFound) {
  for (const char* path : {"moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/mdhd"}) {
    for (const std::size_t byte : {4U, 7U, 8U, 11U}) {
      std::vector<Node> changed = boxes;
      find_box(changed, path).content[byte] = 1;
      EXPECT_EQ(finding_in(changed).substr(0, 9), "box: moov") << path << " " << byte;
    }
  }
}

TEST_F(Boxes, EveryConstantByteOfTheHeadersIsChecked) {
  // Those that are free: track ids, time scales, width and height, turn, the next track's id, what
  // kind of track it is, and flags; which of them, the list below says.
  const auto free_byte = [](std::string_view path, std::size_t i) {
    if (path == "moov/mvhd") return (i >= 12 && i < 16) || i == 99;
    if (path == "moov/trak/mdia/mdhd") return i >= 12 && i < 16;
    if (path == "moov/trak/tkhd") {
      return i == 3 || (i >= 12 && i < 16) || i == 35 || i == 36 || (i >= 40 && i < 48) ||
             (i >= 52 && i < 60) || (i >= 64 && i < 66) || (i >= 68 && i < 70) || i == 76 ||
             i == 77 || i == 80 || i == 81;
    }
    return false;
  };
  for (const std::string_view path :
       {"moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/mdhd", "moov/trak/mdia/hdlr",
        "moov/trak/mdia/minf/vmhd", "moov/trak/mdia/minf/dinf/dref",
        "moov/trak/mdia/minf/stbl/stts", "moov/trak/mdia/minf/stbl/stsc",
        "moov/trak/mdia/minf/stbl/stsz", "moov/trak/mdia/minf/stbl/stco", "moov/mvex/trex"}) {
    for (std::size_t i = 0; i < at(path).content.size(); ++i) {
      if (free_byte(path, i)) continue;
      std::vector<Node> changed = boxes;
      find_box(changed, path).content[i] ^= 0x41;
      EXPECT_NE(finding_in(changed), "") << path << " " << i;
    }
  }
}

TEST_F(Boxes, LanguageIsFound) {
  at("moov/trak/mdia/mdhd").content[20] = 0x15;  // "eng" is 15C7
  at("moov/trak/mdia/mdhd").content[21] = 0xC7;
  EXPECT_EQ(finding_in(boxes), "box: moov: media header");
}

TEST_F(Boxes, HandlerNameIsFound) {
  Buffer& content = at("moov/trak/mdia/hdlr").content;
  content.resize(24);
  append(content, bytes_of("GoPro AVC"));
  EXPECT_EQ(finding_in(boxes), "track: moov: name of a handler");
}

TEST_F(Boxes, HandlerNamesOfLibavPass) {
  Buffer& content = at("moov/trak/mdia/hdlr").content;
  content.resize(24);
  append(content, bytes_of(std::string_view("VideoHandler\0", 13)));
  EXPECT_EQ(finding_in(boxes), "");
}

TEST_F(Boxes, TracksOfOtherKindsAreFound) {
  for (const char* handler : {"meta", "text", "sbtl", "camm", "tmcd", "subt"}) {
    std::vector<Node> changed = boxes;
    Buffer& content = find_box(changed, "moov/trak/mdia/hdlr").content;
    std::copy_n(handler, 4, content.begin() + 8);
    EXPECT_EQ(finding_in(changed), "track: moov: a track of another kind") << handler;
  }
}

TEST_F(Boxes, SecondVideoTrackIsFound) {
  EXPECT_EQ(finding_in(fragmented_mp4({*track_, *track_})),
            "track: moov: a second track of a kind");
}

TEST_F(Boxes, CompressorNameIsFound) {
  at("moov/trak/mdia/minf/stbl/stsd").content[8 + 8 + 42] = 'G';
  EXPECT_EQ(finding_in(boxes), "track: moov: video sample entry");
}

TEST_F(Boxes, SecondSampleEntryIsFound) {
  Buffer& content = at("moov/trak/mdia/minf/stbl/stsd").content;
  const Buffer entry(content.begin() + 8, content.end());
  append(content, entry);
  EXPECT_EQ(finding_in(boxes), "box: moov: sample entries");
}

TEST_F(Boxes, BoxInTheSampleEntryIsFound) {
  CleanTrack track = *track_;
  append(track.entry.content, write_boxes({leaf("uuid", Buffer(20))}));
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "track: moov: a box in a sample entry");
}

TEST_F(Boxes, PixelAspectAndColoursPass) {
  CleanTrack track = *track_;
  append(track.entry.content, write_boxes({leaf("pasp", hex("00000001 00000001")),
                                           leaf("colr", hex("6E636C78 0001 0001 0001 80"))}));
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "");
}

TEST_F(Boxes, ColourProfileIsFound) {
  CleanTrack track = *track_;
  append(track.entry.content, write_boxes({leaf("colr", bytes_of("profGoPro's own profile"))}));
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "track: moov: colr");
}

TEST_F(Boxes, FileTypeWithAForeignBrandIsFound) {
  at("ftyp").content = bytes_of("isomGPSXiso5");
  EXPECT_EQ(finding_in(boxes), "box: stream: file type");
}

TEST_F(Boxes, FragmentFieldsAreChecked) {
  const auto change = [this](const char* path, std::size_t byte, std::uint8_t value) {
    std::vector<Node> changed = boxes;
    find_box(changed, path).content[byte] = value;
    return finding_in(changed);
  };
  EXPECT_EQ(change("moof/mfhd", 7, 9), "box: moof: header");         // sequence number
  EXPECT_EQ(change("moof/traf/tfhd", 3, 0x29), "box: moof: tfhd");   // a base offset
  EXPECT_EQ(change("moof/traf/tfhd", 15, 1), "box: moof: tfhd");     // degradation priority
  EXPECT_EQ(change("moof/traf/tfhd", 7, 9), "box: moof: track id");  // no such track
  EXPECT_EQ(change("moof/traf/tfhd", 8, 1), "box: moof: time of a sample");
  EXPECT_EQ(change("moof/traf/tfdt", 7, 1), "box: moof: decode time");  // a time of day
  EXPECT_EQ(change("moof/traf/trun", 4, 1), "box: moof: number of samples");
  EXPECT_EQ(change("moof/traf/trun", 3, 0x05), "box: moof: trun");
}

TEST_F(Boxes, BytesOfNoSampleInMdatAreFound) {
  for (const std::size_t place : {0U, 50U}) {
    std::vector<Node> changed = boxes;
    Buffer& data = find_box(changed, "mdat").content;
    data.insert(data.begin() + static_cast<std::ptrdiff_t>(place), {'g', 'p', 's', 0});
    EXPECT_EQ(finding_in(changed), "sample_data: mdat: bytes of no sample");
  }
}

TEST_F(Boxes, RunThatBeginsBehindHiddenBytesIsFound) {
  at("moof/traf/trun").content[11] += 4;
  Buffer& data = at("mdat").content;
  data.insert(data.begin(), {'g', 'p', 's', 0});
  EXPECT_EQ(finding_in(boxes), "sample_data: mdat: bytes of no sample, or of two");
}

TEST_F(Boxes, RunsThatOverlapAreFound) {
  auto two = fragmented_mp4({*track_, sound_track()});
  ASSERT_EQ(finding_in(two, kOriginalWithSound), "");
  Node& moof = find_box(two, "moof");
  moof.children[2].children[2].content[11] ^= 1;
  EXPECT_EQ(finding_in(two, kOriginalWithSound),
            "sample_data: mdat: bytes of no sample, or of two");
}

TEST_F(Boxes, BytesBehindTheLastBoxAreFound) {
  Buffer stream = write_boxes(boxes);
  append(stream, bytes_of("trail"));
  EXPECT_EQ(verify(stream, kOriginal).verified.what.view(), "stream: ends in a box's header");
  append(stream, bytes_of("ing bytes"));
  EXPECT_EQ(verify(stream, kOriginal).verified.outcome, Outcome::kFindings);
}

TEST_F(Boxes, StreamWithoutAPictureIsFound) {
  boxes.resize(2);
  EXPECT_EQ(finding_in(boxes), "sample_data: stream: no picture");
}

TEST(SketchStream, LargerPicturesAreFound) {
  CleanTrack track = mpeg4_track();
  track.samples.resize(5);
  CleanTrack wide = track;
  wide.entry.content[24] = 2;
  EXPECT_EQ(finding_in(fragmented_mp4({wide}), kSketch), "track: moov: size of a sketch");
  EXPECT_EQ(finding_in(fragmented_mp4({h264_track()}), kSketch), "track: moov: a sketch is MPEG-4");
}

TEST(SketchStream, LargerPicturesThatTheEntryDoesNotTellAreFound) {
  Media media;
  const Buffer stream =
      media.make("big.bin", {"-f", "lavfi", "-i", "testsrc2=size=640x360:rate=5:duration=1", "-c:v",
                             "mpeg4", "-flags", "+bitexact", "-f", "m4v"});
  CleanTrack track = mpeg4_track();
  track.samples.resize(5);
  // The real layer header, repeated in the first sample.
  const auto layer = std::search(stream.begin(), stream.end(), track.samples[0].begin(),
                                 track.samples[0].begin() + 4);
  Buffer sample(stream.begin(), layer);
  append(sample, track.samples[0]);
  track.samples[0] = sample;
  EXPECT_EQ(finding_in(fragmented_mp4({track}), kOriginal), "");
  EXPECT_EQ(finding_in(fragmented_mp4({track}), kSketch), "video_data: sample: size of a sketch");
}

TEST(SketchStream, MoreThanFivePicturesASecondAreFound) {
  EXPECT_EQ(finding_in(fragmented_mp4({mpeg4_track()}), kSketch),
            "track: moof: pictures a second of a sketch");
}

}  // namespace
}  // namespace sudare::clip::testing
