// Any bytes as a rebuilt clip: what verify passes on are the bytes it read, all of them or their
// beginning, and what it says does not depend on how they were cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "clip/verify/verify.h"

namespace sudare::clip {
namespace {

class Source final : public VerifySource {
 public:
  Source(Bytes bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min({into.size(), piece_, rest_.size()});
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
  std::size_t piece_;
};

class Sink final : public VerifySink {
 public:
  Status write(Bytes bytes) override {
    append(out, bytes);
    return Done{};
  }
  Buffer out;
};

Report run(Bytes bytes, std::size_t piece, const VerifyRules& rules) {
  Source source(bytes, piece);
  Sink sink;
  const Report verified = verify_stream(source, sink, rules);
  const bool prefix = sink.out.size() <= bytes.size() &&
                      std::equal(sink.out.begin(), sink.out.end(), bytes.begin());
  const bool ok = verified.outcome == Outcome::kOk;
  if (!prefix || (ok && sink.out.size() != bytes.size())) std::abort();
  if (!ok && verified.outcome != Outcome::kFindings) std::abort();
  return verified;
}

}  // namespace
}  // namespace sudare::clip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  const Bytes bytes(data, size);
  for (const Profile profile : {Profile::kOriginalPicture, Profile::kSketch}) {
    const VerifyRules rules{profile, profile == Profile::kOriginalPicture};
    const Report whole = run(bytes, size + 1, rules);
    const Report cut = run(bytes, 7, rules);
    if (whole.outcome != cut.outcome || whole.reason != cut.reason) {
      std::abort();
    }
  }
  return 0;
}
