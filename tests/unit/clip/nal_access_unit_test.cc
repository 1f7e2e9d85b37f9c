// Samples of H.264 and H.265: the allow-list holds, what is kept decodes to the same pictures.
#include <gtest/gtest.h>

#include "clip/nal/access_unit.h"
#include "clip/nal/bit_writer.h"
#include "clip/nal/nal_split.h"
#include "clip/nal/parameter_sets.h"
#include "clip/nal/recovery_point.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::Media;

Buffer annexb(const std::vector<Buffer>& units) {
  Buffer out;
  for (const Buffer& unit : units) {
    append(out, Buffer{0, 0, 0, 1});
    append(out, unit);
  }
  return out;
}

// A rebuilt sample in Annex B form, for a decoder.
Buffer annexb_of(Bytes sample) {
  std::vector<Buffer> units;
  NalSplit split(NalForm::kLength4, sample);
  while (const auto nal = split.next()) units.emplace_back(nal->begin(), nal->end());
  return annexb(units);
}

std::vector<unsigned> types_in(NalCodec codec, Bytes sample) {
  std::vector<unsigned> types;
  NalSplit split(NalForm::kLength4, sample);
  while (const auto nal = split.next()) types.push_back(type_of(codec, *nal));
  return types;
}

// Of H.264, baseline; `id` of both, `clock` says nothing that a picture shows.
Buffer small_sps(std::uint32_t id = 0, std::uint32_t clock = 0) {
  BitWriter bits;
  bits.write(66, 8);
  bits.write(30, 16);
  bits.ue(id);
  for (const std::uint32_t field : {0U, 2U, 1U}) bits.ue(field);  // POC type 2, one reference
  bits.write(0, 1);
  bits.ue(9);  // 160 x 96
  bits.ue(5);
  bits.write(0b1101, 4);   // frames only, inference, no cropping, VUI
  bits.write(0b00001, 5);  // of it only the clock
  bits.write(clock, 32);
  bits.write(1, 32);
  bits.write(0, 5);  // not fixed, no HRDs, no pic_struct, no restriction
  bits.trailing_bits();
  Buffer nal{0x67};
  append_escaped(nal, bits.bytes());
  return nal;
}

Buffer small_pps(std::uint32_t id = 0, std::uint32_t sps_id = 0, std::uint32_t groups_minus1 = 0) {
  BitWriter bits;
  bits.ue(id);
  bits.ue(sps_id);
  bits.write(0, 2);
  bits.ue(groups_minus1);
  if (groups_minus1 > 0) {
    bits.ue(0);  // interleaved
    for (std::uint32_t i = 0; i <= groups_minus1; ++i) bits.ue(0x474D);
  }
  bits.ue(0);
  bits.ue(0);
  bits.write(0, 3);
  for (unsigned i = 0; i < 3; ++i) bits.se(0);
  bits.write(0, 3);
  bits.trailing_bits();
  Buffer nal{0x68};
  append_escaped(nal, bits.bytes());
  return nal;
}

ParameterSetStore small_sets() {
  ParameterSetStore sets;
  EXPECT_TRUE(sets.add(NalCodec::kH264, small_sps()));
  EXPECT_TRUE(sets.add(NalCodec::kH264, small_pps()));
  return sets;
}

// A slice of H.264 type 1: first macroblock 0, P, picture parameter set 0; the text stands for
// coded data.
Buffer slice(std::string_view text = "slice") {
  Buffer nal{0x41, 0xE0};
  append(nal, bytes_of(text));
  return nal;
}

TEST(AccessUnit, LengthBehindTheSampleIsRefused) {
  Buffer out;
  ParameterSetStore sets = small_sets();
  const Buffer sample{0, 0, 0, 9, 0x41, 1, 2};
  EXPECT_FALSE(filter_access_unit(NalCodec::kH264, NalForm::kLength4, sample, sets, out));
}

TEST(AccessUnit, StartCodeInsideAUnitIsRefused) {
  Buffer out;
  ParameterSetStore sets = small_sets();
  const Buffer sample{0, 0, 0, 8, 0x41, 1, 0, 0, 1, 6, 5, 4};
  EXPECT_FALSE(filter_access_unit(NalCodec::kH264, NalForm::kLength4, sample, sets, out));
}

TEST(AccessUnit, EveryTypeOutsideTheListIsDropped) {
  for (unsigned type = 0; type < 32; ++type) {
    if (type == 1 || (type >= 5 && type <= 8)) continue;
    Buffer out;
    ParameterSetStore sets = small_sets();
    const Buffer other{static_cast<std::uint8_t>(type), 'f', 'r', 'e', 'e', 'G', 'P', 'S'};
    const auto counts =
        filter_access_unit(NalCodec::kH264, NalForm::kAnnexB, annexb({other, slice()}), sets, out);
    ASSERT_TRUE(counts) << type;
    EXPECT_EQ(counts->dropped, 1U) << type;
    EXPECT_EQ(types_in(NalCodec::kH264, out), std::vector<unsigned>{1}) << type;
  }
  for (unsigned type = 0; type < 64; ++type) {
    const bool allowed = type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 34);
    const Buffer unit{static_cast<std::uint8_t>(type << 1), 1, 'x'};
    const NalKind kind = kind_of(NalCodec::kH265, unit);
    EXPECT_EQ(kind == NalKind::kPicture || kind == NalKind::kParameterSet, allowed) << type;
  }
}

TEST(AccessUnit, DataPartitionsAreDropped) {
  // Decoders pass over them unread: a second camera's slices, or sound, would leave in them.
  for (const unsigned type : {2U, 3U, 4U}) {
    Buffer partition = slice("of another stream");
    partition[0] = static_cast<std::uint8_t>(0x60 | type);
    Buffer out;
    ParameterSetStore sets = small_sets();
    const auto counts = filter_access_unit(NalCodec::kH264, NalForm::kAnnexB,
                                           annexb({partition, slice()}), sets, out);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->dropped, 1U);
    EXPECT_EQ(types_in(NalCodec::kH264, out), std::vector<unsigned>{1});
  }
}

TEST(AccessUnit, SlicesThatNameNoParameterSetAreDropped) {
  // Picture parameter set 1 is not there, 2 names a sequence that is not; no header at all.
  const Buffer unknown{0x41, 0xD0, 'f', 'r', 'e', 'e'};
  const Buffer orphan{0x41, 0xD8, 'f', 'r', 'e', 'e'};
  const Buffer none{0x41, 0, 0x40};
  const Buffer type{0x41, 0b10001011, 0x80, 'x'};  // slice type 10
  for (const Buffer& bad : {unknown, orphan, none, type}) {
    Buffer out;
    ParameterSetStore sets = small_sets();
    ASSERT_TRUE(sets.add(NalCodec::kH264, small_pps(2, 7)));
    const auto counts =
        filter_access_unit(NalCodec::kH264, NalForm::kAnnexB, annexb({bad, slice()}), sets, out);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->dropped, 1U);
    EXPECT_EQ(counts->pictures, 1U);
    EXPECT_EQ(annexb_of(out), annexb({slice()}));
  }
}

TEST(AccessUnit, OfParameterSetsWithOneIdBeforeAPictureTheLastStays) {
  Buffer out;
  ParameterSetStore sets;
  const auto counts =
      filter_access_unit(NalCodec::kH264, NalForm::kAnnexB,
                         annexb({small_sps(0, 35'170'600), small_pps(), small_sps(0, 25),
                                 small_pps(), slice(), small_pps(), slice()}),
                         sets, out);
  ASSERT_TRUE(counts);
  EXPECT_EQ(annexb_of(out), annexb({small_sps(0, 25), small_pps(), slice(), small_pps(), slice()}));
  EXPECT_EQ(counts->parameter_sets, 3U);
}

TEST(AccessUnit, MoreDifferentParameterSetsThanARecorderHasAreRefused) {
  ParameterSetStore sets;
  Buffer out;
  for (std::uint32_t clock = 0; clock < 5; ++clock) {
    const auto counts =
        filter_access_unit(NalCodec::kH264, NalForm::kAnnexB,
                           annexb({small_sps(0, clock), small_pps(), slice()}), sets, out);
    EXPECT_EQ(counts.has_value(), clock < kSequenceSetsMax) << clock;
  }
  ParameterSetStore pictures;
  for (std::uint32_t id = 0; id <= kPictureSetsMax; ++id) {
    EXPECT_EQ(pictures.add(NalCodec::kH264, small_pps(id)).has_value(), id < kPictureSetsMax);
  }
}

TEST(AccessUnit, SliceGroupMapsAreRefused) {
  EXPECT_TRUE(check_parameter_set(NalCodec::kH264, small_sps()));
  EXPECT_TRUE(check_parameter_set(NalCodec::kH264, small_pps()));
  EXPECT_FALSE(check_parameter_set(NalCodec::kH264, small_pps(0, 0, 1)));
}

TEST(AccessUnit, LayersOverTheBaseAreDropped) {
  const Buffer unit{1 << 1, 1 << 3 | 1, 'x'};
  EXPECT_EQ(kind_of(NalCodec::kH265, unit), NalKind::kOther);
}

TEST(AccessUnit, PaddingBehindAUnitIsDropped) {
  Buffer padded = slice();
  append(padded, Buffer{0, 0, 3, 0, 0, 3, 0, 0, 0});
  Buffer prefixed;
  put32(prefixed, padded.size());
  append(prefixed, padded);
  Buffer out;
  ParameterSetStore sets = small_sets();
  ASSERT_TRUE(filter_access_unit(NalCodec::kH264, NalForm::kLength4, prefixed, sets, out));
  EXPECT_EQ(annexb_of(out), annexb({slice()}));
}

TEST(AccessUnit, OfSeiOnlyTheRecoveryPointStays) {
  // user_data_unregistered of 20 bytes, then recovery_frame_cnt 5, exact_match, then a second one.
  Buffer sei{0x06, 5, 20};
  append(sei, bytes_of("0123456789abcdefGPS!"));
  append(sei, Buffer{6, 2, 0x34, 0x7F, 6, 1, 0x84, 0x80});
  Buffer out;
  ParameterSetStore sets = small_sets();
  const auto counts =
      filter_access_unit(NalCodec::kH264, NalForm::kAnnexB, annexb({sei, slice()}), sets, out);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->recovery_points, 1U);
  EXPECT_FALSE(contains(out, "GPS"));
  const Buffer kept{0x06, 6, 2, 0x34, 0x40, 0x80};
  EXPECT_EQ(annexb_of(out), annexb({kept, slice()}));
  const auto point = recovery_point_in(NalCodec::kH264, sei);
  ASSERT_TRUE(point);
  EXPECT_EQ(point->count, 5);
  EXPECT_TRUE(point->exact_match);
  EXPECT_EQ(recovery_point_in(NalCodec::kH264, sei_of(NalCodec::kH264, *point))->count, 5);
}

TEST(AccessUnit, RecoveryPointIsWrittenAlikeWhateverStoodInItsSpareBits) {
  RecoveryPoint point;
  point.count = -12;
  point.broken_link = true;
  const Buffer canonical = sei_of(NalCodec::kH265, point);
  Buffer noisy = canonical;
  // The same message with a byte of payload_extension behind its fields.
  ++noisy[3];
  noisy.insert(noisy.end() - 1, 'A');
  const auto read = recovery_point_in(NalCodec::kH265, noisy);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->count, -12);
  EXPECT_EQ(sei_of(NalCodec::kH265, *read), canonical);
}

TEST(AccessUnit, SeiThatDoesNotParseIsDropped) {
  const Buffer sei{0x06, 6, 200, 1, 2};
  Buffer out;
  ParameterSetStore sets = small_sets();
  const auto counts =
      filter_access_unit(NalCodec::kH264, NalForm::kAnnexB, annexb({sei, slice()}), sets, out);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->recovery_points, 0U);
  EXPECT_EQ(counts->pictures, 1U);
}

struct Encoder {
  const char* codec;
  const char* format;
  std::vector<std::string> options;
};

class EncodedStream : public ::testing::TestWithParam<Encoder> {};

TEST_P(EncodedStream, DecodesToTheSamePicturesWithoutTheEncodersText) {
  const NalCodec codec =
      std::string_view(GetParam().format) == "h264" ? NalCodec::kH264 : NalCodec::kH265;
  Media media;
  const Buffer source =
      media.picture(std::string("a.") + GetParam().format, GetParam().codec, GetParam().options);
  const std::string_view text = codec == NalCodec::kH264 ? "x264 - core" : "x265 (build";
  ASSERT_TRUE(contains(source, text));
  Buffer out;
  ParameterSetStore sets;
  const auto counts = filter_access_unit(codec, NalForm::kAnnexB, source, sets, out);
  ASSERT_TRUE(counts) << counts.error().what.view();
  EXPECT_EQ(counts->pictures, 20U);
  EXPECT_FALSE(contains(out, text));
  EXPECT_EQ(media.frames(GetParam().format, annexb_of(out)),
            media.frames(GetParam().format, source));
}

INSTANTIATE_TEST_SUITE_P(
    All, EncodedStream,
    ::testing::Values(
        Encoder{"libx264", "h264", {"-g", "5"}},
        Encoder{"libx264",
                "h264",
                {"-x264-params",
                 "intra-refresh=1:keyint=10:slices=1:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500"}},
        Encoder{"libx264", "h264", {"-x264-params", "cqm=jvt:interlaced=1"}},
        Encoder{"libx264", "h264", {"-pix_fmt", "yuv444p10le", "-x264-params", "cqm=jvt"}},
        Encoder{"libx264", "h264", {"-profile:v", "baseline"}},
        Encoder{"libx265", "hevc", {"-x265-params", "log-level=none:keyint=7"}},
        Encoder{"libx265",
                "hevc",
                {"-x265-params",
                 "log-level=none:hrd=1:vbv-maxrate=500:vbv-bufsize=500:scaling-list=default:repeat-"
                 "headers=1:temporal-layers=1"}},
        Encoder{"libx265",
                "hevc",
                {"-pix_fmt", "yuv422p10le", "-color_primaries", "bt709", "-x265-params",
                 "log-level=none:sar=4:tskip=1:lossless=1"}}));

}  // namespace
}  // namespace sudare::clip
