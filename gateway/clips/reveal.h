// The passkeys of the stage that rebuilds clips: reads what an event says of one, makes ClipPieces.
// Included by gateway/clips only.
#pragma once

#include "base/personal.h"

namespace sudare {

struct ClipStage {
  static Reveal key() { return {}; }
  static Passkey<ClipStage> passkey() { return {}; }
};

}  // namespace sudare
