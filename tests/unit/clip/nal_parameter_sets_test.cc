// Parameter sets are read to their last bit, and avcC and hvcC are built anew from them.
#include <gtest/gtest.h>

#include "clip/nal/decoder_config.h"
#include "clip/nal/nal_split.h"
#include "clip/nal/parameter_sets.h"
#include "tests/testkit/fixtures.h"
#include "tests/unit/clip/media.h"

namespace sudare::clip {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::Media;

// The parameter sets of a stream in Annex B form.
std::vector<Buffer> sets_of(NalCodec codec, Bytes stream) {
  std::vector<Buffer> sets;
  NalSplit split(NalForm::kAnnexB, stream);
  while (const auto nal = split.next()) {
    const Bytes unit = without_padding(*nal);
    if (kind_of(codec, unit) == NalKind::kParameterSet) sets.emplace_back(unit.begin(), unit.end());
  }
  return sets;
}

// The content of the first box of a type that `bytes` hold.
Buffer box(Bytes bytes, std::string_view type) {
  const auto found = std::search(bytes.begin(), bytes.end(), type.begin(), type.end());
  if (bytes.end() - found < 4) return {};
  const auto at = static_cast<std::size_t>(found - bytes.begin());
  return {found + 4, found - 4 + be32(bytes, at - 4)};
}

struct Kind {
  NalCodec codec;
  const char* encoder;
  const char* format;
  const char* box;
  const char* text;
};
class ParameterSets : public ::testing::TestWithParam<Kind> {};

TEST_P(ParameterSets, AByteBehindTheSyntaxIsRefused) {
  Media media;
  const std::string file = std::string("a.") + GetParam().format;
  const auto sets = sets_of(GetParam().codec, media.picture(file, GetParam().encoder));
  ASSERT_GE(sets.size(), 2U);
  for (Buffer set : sets) {
    EXPECT_TRUE(check_parameter_set(GetParam().codec, set));
    set.push_back('A');
    EXPECT_FALSE(check_parameter_set(GetParam().codec, set));
    set.resize(set.size() - 2);
    EXPECT_FALSE(check_parameter_set(GetParam().codec, set));
  }
}

TEST_P(ParameterSets, RebuiltBoxDecodesAlikeAndHoldsNoOptions) {
  Media media;
  media.picture("a.mp4", GetParam().encoder);
  const Buffer source = bytes_of(testkit::read_file(media.path("a.mp4")));
  const Buffer content = box(source, GetParam().box);
  ASSERT_GT(content.size(), 20U);
  const auto rebuilt = rebuild_nal_config(GetParam().codec, content);
  ASSERT_TRUE(rebuilt) << rebuilt.error().what.view();
  EXPECT_EQ(rebuilt->form, NalForm::kLength4);
  EXPECT_EQ(rebuilt->width, 160U);
  EXPECT_EQ(rebuilt->height, 96U);
  EXPECT_FALSE(contains(rebuilt->bytes, GetParam().text));
  // What comes out is what would come out again.
  const auto again = rebuild_nal_config(GetParam().codec, rebuilt->bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes, rebuilt->bytes);
}

TEST_P(ParameterSets, BoxFromAnnexBEqualsBoxFromBox) {
  Media media;
  const std::string file = std::string("a.") + GetParam().format;
  const Buffer stream = media.picture(file, GetParam().encoder);
  media.make("a.mp4", {"-i", media.path(file), "-c", "copy"});
  const Buffer content = box(bytes_of(testkit::read_file(media.path("a.mp4"))), GetParam().box);
  const auto from_box = rebuild_nal_config(GetParam().codec, content);
  const auto from_stream = rebuild_nal_config(GetParam().codec, stream);
  ASSERT_TRUE(from_box);
  ASSERT_TRUE(from_stream);
  EXPECT_EQ(from_box->bytes, from_stream->bytes);
}

INSTANTIATE_TEST_SUITE_P(All, ParameterSets,
                         ::testing::Values(Kind{NalCodec::kH264, "libx264", "h264", "avcC", "x264"},
                                           Kind{NalCodec::kH265, "libx265", "hevc", "hvcC",
                                                "x265"}),
                         [](const auto& info) { return std::string(info.param.format); });

TEST(ParameterSetsOfFixtures, AreAllTaken) {
  for (const char* name :
       {"media/mei/Issue_515__java_.mp4", "media/mei/uuid540.mp4", "media/mei/with-gps.mov",
        "media/mei/with-gps.mp4", "media/mei/xmp480qt.mov", "media/gopro/karma.mp4"}) {
    SUDARE_FIXTURE_OR_SKIP(path, name);
    const Buffer content = box(bytes_of(testkit::read_file(path)), "avcC");
    const auto rebuilt = rebuild_nal_config(NalCodec::kH264, content);
    ASSERT_TRUE(rebuilt) << name << ": " << rebuilt.error().what.view();
    EXPECT_GT(rebuilt->width, 100U) << name;
  }
}

TEST(DecoderConfig, WithoutAPictureParameterSetIsRefused) {
  Media media;
  const auto sets = sets_of(NalCodec::kH264, media.picture("a.h264", "libx264"));
  Buffer stream{0, 0, 1};
  append(stream, sets[0]);
  const auto config = rebuild_nal_config(NalCodec::kH264, stream);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
}

TEST(DecoderConfig, CutAnywhereIsRefused) {
  Media media;
  media.picture("a.mp4", "libx264");
  const Buffer content = box(bytes_of(testkit::read_file(media.path("a.mp4"))), "avcC");
  const auto whole = rebuild_nal_config(NalCodec::kH264, content);
  ASSERT_TRUE(whole);
  // Without the last four bytes: the high profile's extension, which is written anew anyway.
  for (std::size_t length = 0; length < content.size() - 4; ++length) {
    EXPECT_FALSE(rebuild_nal_config(NalCodec::kH264, Bytes(content).first(length))) << length;
  }
}

}  // namespace
}  // namespace sudare::clip
