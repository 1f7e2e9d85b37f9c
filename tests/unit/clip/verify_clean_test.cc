// What is clean passes byte for byte; a stream that stops anywhere but behind a fragment does not.
#include <gtest/gtest.h>

#include "tests/unit/clip/verify_streams.h"

namespace sudare::clip::testing {
namespace {

struct Kind {
  const char* name;
  CleanTrack (*track)();
  Codec codec;
};
class CleanStream : public ::testing::TestWithParam<Kind> {};

TEST_P(CleanStream, PassesByteForByteInPiecesOfAnySize) {
  const Buffer stream = write_boxes(fragmented_mp4({GetParam().track()}));
  for (const std::size_t piece : {1U, 7U, 4096U, 1U << 20}) {
    const VerifyRun run = verify(stream, kOriginal, piece);
    ASSERT_EQ(run.verified.outcome, Outcome::kOk) << run.verified.what.view();
    EXPECT_EQ(run.passed_on, stream);
    EXPECT_EQ(run.verified.codec, GetParam().codec);
    EXPECT_EQ(run.verified.frames, 20U);
    EXPECT_EQ(run.verified.bytes, stream.size());
    EXPECT_EQ(run.verified.width, 160U);
    EXPECT_EQ(run.verified.height, 96U);
    EXPECT_EQ(run.verified.window_ms, 2000);
  }
}

TEST_P(CleanStream, Plays) {
  Media media;
  const Buffer stream = write_boxes(fragmented_mp4({GetParam().track()}));
  const std::string frames = media.frames("mp4", stream);
  EXPECT_EQ(std::count(frames.begin(), frames.end(), '\n'), 20);
}

TEST_P(CleanStream, CutAnywhereIsFound) {
  CleanTrack track = GetParam().track();
  track.samples.resize(3);
  track.per_fragment = 2;
  const std::vector<Node> boxes = fragmented_mp4({track});
  const Buffer stream = write_boxes(boxes);
  const std::size_t whole_fragment = write_boxes({boxes[0], boxes[1], boxes[2], boxes[3]}).size();
  for (std::size_t length = 0; length < stream.size(); length += length < 1500 ? 1 : 97) {
    const VerifyRun run = verify(Bytes(stream).first(length), kOriginal);
    const bool ok = run.verified.outcome == Outcome::kOk;
    EXPECT_EQ(ok, length == whole_fragment) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CleanStream,
                         ::testing::Values(Kind{"h264", h264_track, Codec::kH264},
                                           Kind{"h265", h265_track, Codec::kH265},
                                           Kind{"mpeg4", mpeg4_track, Codec::kMpeg4},
                                           Kind{"mjpeg", jpeg_track, Codec::kMjpeg}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Verify, WithSoundPassesOnlyWhereSoundIsAllowed) {
  const auto boxes = fragmented_mp4({h264_track(), sound_track()});
  EXPECT_EQ(finding_in(boxes, kOriginalWithSound), "");
  EXPECT_EQ(finding_in(boxes, kOriginal), "track: moov: sound is not allowed");
}

TEST(Verify, SketchPassesAsSketch) {
  CleanTrack track = mpeg4_track();
  track.samples.resize(5);
  EXPECT_EQ(finding_in(fragmented_mp4({track}), kSketch), "");
}

TEST(Verify, InputThatFailsIsNoFinding) {
  class Broken final : public VerifySource {
    Result<std::size_t> read(std::span<std::uint8_t> /*into*/) override {
      return fail(ErrorCode::kIo, "test: input");
    }
  } source;
  class Nothing final : public VerifySink {
    Status write(Bytes /*bytes*/) override { return Done{}; }
  } sink;
  const Report verified = verify_stream(source, sink, kOriginal);
  EXPECT_EQ(verified.outcome, Outcome::kInternal);
  EXPECT_EQ(verified.reason, Reason::kInput);
}

}  // namespace
}  // namespace sudare::clip::testing
