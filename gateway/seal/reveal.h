// The passkey of this stage: only gateway/seal includes this file.
#pragma once

#include "base/personal.h"

namespace sudare {

struct SealStage {
  static Reveal key() { return {}; }
  static Passkey<SealStage> passkey() { return {}; }
};

}  // namespace sudare
