// In the place of all that makes clips where they are not in this build (SUDARE_CLIPS=OFF). A
// configuration or policy that asks for them is refused before (config/load_config.cc,
// policy/parts.h).
#include "gateway/clips/clips.h"

namespace sudare {

Result<std::unique_ptr<Clips>> Clips::create(const ClipOptions&, const Policy&, Store&, Sealer&,
                                             TrustedTime&, const Clock&,
                                             std::function<ClipGate(PurposeIndex)>) {
  return fail(ErrorCode::kUnsupported, "clips: not in this build");
}

}  // namespace sudare
