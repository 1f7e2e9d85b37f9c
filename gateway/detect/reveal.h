// The passkey of the detect stage: looks inside a Record's text. Included by gateway/detect only.
#pragma once

#include "base/personal.h"

namespace sudare {

struct DetectStage {
  static Reveal key() { return {}; }
  static Passkey<DetectStage> passkey() { return {}; }
};

}  // namespace sudare
