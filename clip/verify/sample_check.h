// Checks the content of one video sample after another while its bytes come by, in pieces of any
// size. A NAL unit, a picture or its coded data may be larger than any buffer; what is small
// (parameter sets, SEI, headers, segments) is gathered and compared with what clip/nal would write.
#pragma once

#include <cstdint>
#include <memory>

#include "clip/nal/bytes.h"
#include "clip/verify/finding.h"
#include "clip/verify/movie.h"

namespace sudare::clip {

// One thread. begin, feed as often as it takes, end; then the next sample. After a finding it is of
// no use any more.
class SampleCheck {
 public:
  virtual ~SampleCheck() = default;
  // `bytes`: of the whole sample. `seconds`: its decode time since the clip's start.
  virtual void begin(std::uint32_t bytes, std::uint64_t seconds) = 0;
  // `offset` is that of the first of these bytes in the stream.
  [[nodiscard]] virtual Verdict feed(Bytes bytes, std::uint64_t offset) = 0;
  [[nodiscard]] virtual Verdict end(std::uint64_t offset) = 0;
};

// For the codec of a video track.
[[nodiscard]] std::unique_ptr<SampleCheck> sample_check_for(const Track& track,
                                                            const VerifyRules& rules);

// One for each codec; sample_check_for picks.
[[nodiscard]] std::unique_ptr<SampleCheck> nal_sample_check(Codec codec, ParameterSetStore sets);
[[nodiscard]] std::unique_ptr<SampleCheck> mpeg4_sample_check(bool sketch);
[[nodiscard]] std::unique_ptr<SampleCheck> jpeg_sample_check(std::uint32_t height);

}  // namespace sudare::clip
