// One thing is planted in a sample or a decoder configuration; exactly that is found.
#include <gtest/gtest.h>

#include "clip/nal/bit_writer.h"
#include "clip/nal/nal_unit.h"
#include "clip/nal/recovery_point.h"
#include "tests/unit/clip/verify_streams.h"

namespace sudare::clip::testing {
namespace {

Buffer unit(Bytes nal) {
  Buffer out;
  put32(out, nal.size());
  append(out, nal);
  return out;
}

// A unit before the pictures of the second sample.
std::string with_unit(CleanTrack track, const Buffer& nal) {
  Buffer sample = unit(nal);
  append(sample, track.samples[1]);
  track.samples[1] = sample;
  return finding_in(fragmented_mp4({track}));
}

TEST(NalSamples, UnitsOutsideTheListAreFound) {
  const CleanTrack avc = h264_track();
  for (unsigned type = 0; type < 32; ++type) {
    if (type == 1 || (type >= 5 && type <= 8)) continue;
    EXPECT_EQ(with_unit(avc, {static_cast<std::uint8_t>(type), 'x', 'y'}),
              "nal_unit: unit: type that may not leave")
        << type;
  }
  const CleanTrack hevc = h265_track();
  for (unsigned type = 0; type < 64; ++type) {
    const bool allowed = type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 34);
    if (allowed || type == 39) continue;
    EXPECT_EQ(with_unit(hevc, {static_cast<std::uint8_t>(type << 1), 1, 'x', 'y'}),
              "nal_unit: unit: type that may not leave")
        << type;
  }
}

TEST(NalSamples, DataPartitionsAreFound) {
  for (const unsigned type : {2U, 3U, 4U}) {
    EXPECT_EQ(with_unit(h264_track(), {static_cast<std::uint8_t>(0x60 | type), 0x88, 'y'}),
              "nal_unit: unit: type that may not leave");
  }
}

TEST(NalSamples, RecoveryPointPassesOtherSeiIsFound) {
  RecoveryPoint point;
  point.count = 3;
  const Buffer avc = sei_of(NalCodec::kH264, point);
  EXPECT_EQ(with_unit(h264_track(), avc), "");
  EXPECT_EQ(with_unit(h265_track(), sei_of(NalCodec::kH265, point)), "");
  const std::string found = "nal_unit: unit: SEI other than a recovery point";
  EXPECT_EQ(with_unit(h264_track(), {6, 5, 3, 'a', 'b', 'c', 0x80}), found);
  // A byte behind it, a second message, noise in the spare bits.
  Buffer longer = avc;
  longer.push_back('A');
  EXPECT_EQ(with_unit(h264_track(), longer), found);
  Buffer two = avc;
  two.insert(two.end() - 1, {5, 1, 'A'});
  EXPECT_EQ(with_unit(h264_track(), two), found);
  Buffer noisy = avc;
  noisy[4] |= 1;
  EXPECT_EQ(with_unit(h264_track(), noisy), found);
  EXPECT_EQ(with_unit(h265_track(), {39 << 1, 1, 5, 1, 'A', 0x80}), found);
}

TEST(NalSamples, PaddingAndHiddenUnitsAreFound) {
  CleanTrack track = h264_track();
  EXPECT_EQ(with_unit(track, {0x41, 'x', 0}), "nal_unit: unit: padding at its end");
  EXPECT_EQ(with_unit(track, {0x41, 'x', 0, 0, 3}), "nal_unit: unit: padding at its end");
  EXPECT_EQ(with_unit(track, {0x41, 'x', 0, 0, 1, 6, 5}), "nal_unit: unit: start code inside");
  EXPECT_EQ(with_unit(track, {0xC1, 'x', 'y'}), "nal_unit: unit: header");
  EXPECT_EQ(with_unit(track, {0x41}), "nal_unit: sample: empty unit");
}

TEST(NalSamples, StartCodeIsFoundAcrossPieces) {
  CleanTrack track = h264_track();
  Buffer sample = unit(Buffer{0x41, 'x', 0, 0, 1, 6, 5});
  append(sample, track.samples[1]);
  track.samples[1] = sample;
  const Buffer stream = write_boxes(fragmented_mp4({track}));
  for (std::size_t piece = 1; piece < 12; ++piece) {
    EXPECT_EQ(verify(stream, kOriginal, piece).verified.what.view(), "unit: start code inside");
  }
}

TEST(NalSamples, ParameterSetWithAByteBehindIsFound) {
  const CleanTrack track = h264_track();
  const Bytes entry = track.entry.content;
  // 78 bytes of sample entry, 8 of avcC, 6 before the length of the first set.
  const std::size_t length = be16(entry, 78 + 8 + 6);
  Buffer set(entry.begin() + 94, entry.begin() + 94 + static_cast<std::ptrdiff_t>(length));
  EXPECT_EQ(with_unit(track, set), "");
  set.push_back('A');
  EXPECT_EQ(with_unit(track, set), "nal_unit: unit: parameter set");
}

TEST(NalSamples, SlicesThatNameNoParameterSetAreFound) {
  const std::string found = "nal_unit: unit: slice without its parameter sets";
  EXPECT_EQ(with_unit(h264_track(), {0x41, 0xD0, 'f', 'r', 'e', 'e'}), found);
  EXPECT_EQ(with_unit(h264_track(), {0x41, 0xFF}), "");  // picture parameter set 0
  EXPECT_EQ(with_unit(h264_track(), {0x41, 0, 0x40}), found);
  EXPECT_EQ(with_unit(h265_track(), {1 << 1, 1, 0b10100000, 'f', 'r'}), found);
  // The first bytes may come one by one.
  CleanTrack track = h264_track();
  Buffer sample = unit(Buffer{0x41, 0xD0, 'f', 'r', 'e', 'e', 'f', 'r', 'e', 'e'});
  append(sample, track.samples[1]);
  track.samples[1] = sample;
  const Buffer stream = write_boxes(fragmented_mp4({track}));
  for (std::size_t piece = 1; piece < 12; ++piece) {
    EXPECT_EQ(verify(stream, kOriginal, piece).verified.what.view(),
              "unit: slice without its parameter sets");
  }
}

TEST(NalSamples, ParameterSetsTwiceOrTooManyAreFound) {
  const CleanTrack track = h264_track();
  const Bytes entry = track.entry.content;
  const std::size_t length = be16(entry, 78 + 8 + 6);
  const Buffer set(entry.begin() + 94, entry.begin() + 94 + static_cast<std::ptrdiff_t>(length));
  CleanTrack twice = track;
  Buffer sample = unit(set);
  append(sample, unit(set));
  append(sample, twice.samples[1]);
  twice.samples[1] = sample;
  EXPECT_EQ(finding_in(fragmented_mp4({twice})), "nal_unit: unit: parameter set twice");
  // Picture parameter sets 1 to 16 beside the one of the configuration.
  CleanTrack many = track;
  sample.clear();
  for (std::uint32_t id = 1; id <= 16; ++id) {
    BitWriter bits;
    bits.ue(id);
    bits.ue(0);
    bits.write(0, 2);
    for (unsigned i = 0; i < 3; ++i) bits.ue(0);
    bits.write(0, 3);
    for (unsigned i = 0; i < 3; ++i) bits.se(0);
    bits.write(0, 3);
    bits.trailing_bits();
    Buffer nal{0x68};
    append_escaped(nal, bits.bytes());
    append(sample, unit(nal));
  }
  append(sample, many.samples[1]);
  many.samples[1] = sample;
  EXPECT_EQ(finding_in(fragmented_mp4({many})), "nal_unit: unit: too many parameter sets");
}

TEST(NalSamples, LengthsThatDoNotAddUpAreFound) {
  CleanTrack track = h264_track();
  track.samples[1][3] ^= 1;
  EXPECT_EQ(finding_in(fragmented_mp4({track})).substr(0, 9), "nal_unit:");
  track = h264_track();
  track.samples[1].push_back(0);
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "nal_unit: sample: ends inside a unit");
}

TEST(NalSamples, SampleWithoutAPictureIsFound) {
  CleanTrack track = h264_track();
  track.samples[1] = unit(sei_of(NalCodec::kH264, {}));
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "nal_unit: sample: no picture");
}

TEST(DecoderConfigurations, AnyOtherByteIsFound) {
  for (const CleanTrack& clean : {h264_track(), h265_track()}) {
    CleanTrack track = clean;
    ++track.entry.content[78 + 3];  // the box's size
    track.entry.content.push_back('A');
    EXPECT_EQ(finding_in(fragmented_mp4({track})), "nal_unit: moov: avcC or hvcC");
  }
  // An SEI array in hvcC, where x265 leaves its options.
  CleanTrack track = h265_track();
  Buffer& content = track.entry.content;
  ++content[78 + 8 + 22];
  const Buffer array{0x80 | 39, 0, 1, 0, 6, 39 << 1, 1, 5, 1, 'A', 0x80};
  append(content, array);
  content[78 + 3] = static_cast<std::uint8_t>(content[78 + 3] + array.size());
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "nal_unit: moov: avcC or hvcC");
}

// `part` before the picture of the sixth sample, which a group of VOPs begins.
std::string with_part(const Buffer& part, bool behind = false) {
  CleanTrack track = mpeg4_track();
  Buffer& sample = track.samples[5];
  sample.insert(behind ? sample.end() : sample.begin(), part.begin(), part.end());
  return finding_in(fragmented_mp4({track}));
}

TEST(Mpeg4Samples, UserDataIsFound) {
  EXPECT_EQ(with_part(hex("000001B2 414243")), "video_data: sample: user data");
  EXPECT_EQ(with_part(hex("000001B2 414243"), true), "video_data: sample: a part behind the VOP");
  EXPECT_EQ(with_part(hex("000001B1"), true), "video_data: sample: a part behind the VOP");
  EXPECT_EQ(with_part(hex("0000"), true), "video_data: sample: padding");
  EXPECT_EQ(with_part(hex("414243")), "video_data: sample: no start code");
  EXPECT_EQ(with_part(hex("000001B7 41")), "video_data: sample: a part that may not leave");
  EXPECT_EQ(with_part(hex("00000100 41")), "video_data: sample: a part that may not leave");
  // The encoder has put the headers there already.
  EXPECT_EQ(with_part(hex("00000100")), "video_data: sample: a header twice");
  EXPECT_EQ(with_part(hex("00000100 00000101")), "video_data: sample: a header twice");
  EXPECT_EQ(with_part(hex("000001B033 000001B035")), "video_data: sample: a header twice");
}

TEST(Mpeg4Samples, TimeOfDayInAGroupOfVopsIsFound) {
  CleanTrack track = mpeg4_track();
  Buffer& sample = track.samples[5];
  const Buffer group = hex("000001B3");
  const auto at = std::search(sample.begin(), sample.end(), group.begin(), group.end());
  ASSERT_LT(at, sample.end() - 8);
  at[4] = 0x60;  // 12 hours
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "video_data: sample: time code");
}

TEST(Mpeg4Samples, UserDataInTheConfigurationIsFound) {
  CleanTrack track = mpeg4_track();
  Buffer config = hex("000001B0 01 000001B2 414243");
  track.entry = video_entry("mp4v", esds(0x20, config));
  EXPECT_EQ(finding_in(fragmented_mp4({track})), "video_data: moov: MPEG-4 configuration");
}

std::string with_jpeg(const std::function<void(Buffer&)>& change) {
  CleanTrack track = jpeg_track();
  change(track.samples[3]);
  return finding_in(fragmented_mp4({track}));
}

TEST(JpegSamples, ApplicationDataAndCommentsAreFound) {
  for (unsigned marker = 0xE0; marker <= 0xEF; ++marker) {
    const Buffer segment{0xFF, static_cast<std::uint8_t>(marker), 0, 5, 'a', 'b', 'c'};
    EXPECT_EQ(
        with_jpeg([&](Buffer& s) { s.insert(s.begin() + 2, segment.begin(), segment.end()); }),
        marker == 0xE0 || marker == 0xEE ? "video_data: sample: content of a segment"
                                         : "video_data: sample: kind of a segment");
  }
  const Buffer comment{0xFF, 0xFE, 0, 5, 'a', 'b', 'c'};
  EXPECT_EQ(with_jpeg([&](Buffer& s) { s.insert(s.begin() + 2, comment.begin(), comment.end()); }),
            "video_data: sample: kind of a segment");
}

TEST(JpegSamples, BytesBehindAndBetweenAreFound) {
  EXPECT_EQ(with_jpeg([](Buffer& s) { s.push_back('A'); }),
            "video_data: sample: bytes behind a JPEG");
  EXPECT_EQ(with_jpeg([](Buffer& s) { s.insert(s.begin() + 2, 'A'); }),
            "video_data: sample: bytes between segments");
  EXPECT_EQ(with_jpeg([](Buffer& s) { s.resize(s.size() - 2); }),
            "video_data: sample: JPEG without an end");
}

TEST(JpegSamples, TwoFieldsPassASecondPictureIsFound) {
  const auto twice = [](Buffer& s) {
    const Buffer one = s;
    append(s, one);
  };
  EXPECT_EQ(with_jpeg(twice), "video_data: sample: a second picture that is no field");
  const Buffer mark{0xFF, 0xE0, 0, 16, 'A', 'V', 'I', '1', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(with_jpeg([&](Buffer& s) {
              s.insert(s.begin() + 2, mark.begin(), mark.end());
              twice(s);
            }),
            "");
}

TEST(JpegSamples, TablesTwiceOrUnnamedAndHeadersTwiceAreFound) {
  const auto with = [](const Buffer& segment) {
    return with_jpeg([&](Buffer& s) { s.insert(s.begin() + 2, segment.begin(), segment.end()); });
  };
  Buffer quantisers{0xFF, 0xDB, 0, 67, 3};
  quantisers.resize(69, 'Q');
  EXPECT_EQ(with(quantisers), "video_data: sample: a table that no scan names");
  quantisers[4] = 0;
  EXPECT_EQ(with(quantisers), "video_data: sample: a table twice");
  EXPECT_EQ(with({0xFF, 0xDD, 0, 4, 0, 0, 0xFF, 0xDD, 0, 4, '3', '5'}),
            "video_data: sample: a header twice");
  const Buffer scan{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0, 'x', 'y'};
  EXPECT_EQ(with_jpeg([&](Buffer& s) { s.insert(s.end() - 2, scan.begin(), scan.end()); }),
            "video_data: sample: a scan too many");
}

// Text in coded data, which no structure gives away.
TEST(VideoData, MarkersInsideThePictureAreFound) {
  CleanTrack track = h264_track();
  Buffer& sample = track.samples[7];
  const Buffer text = bytes_of("freeGPS ");
  std::copy(text.begin(), text.end(), sample.end() - 40);
  const Buffer stream = write_boxes(fragmented_mp4({track}));
  for (const std::size_t piece : {1U, 3U, 100U, 65536U}) {
    const VerifyRun run = verify(stream, kOriginal, piece);
    EXPECT_EQ(run.verified.reason, Reason::kMarker);
    EXPECT_EQ(run.verified.what.view(), "gps-block");
    const auto at = std::search(stream.begin(), stream.end(), text.begin(), text.end());
    EXPECT_EQ(run.verified.offset, static_cast<std::uint64_t>(at - stream.begin()));
    EXPECT_FALSE(contains(run.passed_on, "freeGPS"));
  }
}

}  // namespace
}  // namespace sudare::clip::testing
