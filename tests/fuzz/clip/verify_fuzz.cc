// Any bytes as a rebuilt clip: what verify passes on are the bytes it read, all of them or their
// beginning, and what it says does not depend on how they were cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "clip/verify/verify.h"
#include "tests/testkit/clip_memory.h"

namespace sudare::clip {
namespace {

Report run(Bytes bytes, std::size_t piece, const VerifyRules& rules) {
  testkit::MemorySource source(bytes, piece);
  testkit::MemorySink sink;
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
