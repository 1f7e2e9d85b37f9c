// The passkey of `sudare minimize`, `policy explain` and the simulator's comparison: tools that
// show an engineer what a policy releases. Never linked into the gateway (a test looks for its
// symbols there).
#pragma once

#include "base/personal.h"

namespace sudare {

struct PreviewStage {
  static Reveal key() { return {}; }
};

}  // namespace sudare
