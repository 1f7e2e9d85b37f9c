// Makes Sealed values without sealing anything: for tests of what comes after seal. Not to be
// included where sudare_seal is linked: it defines the same struct.
#pragma once

#include "base/personal.h"

namespace sudare {

struct SealStage {
  static Reveal key() { return {}; }
  static Passkey<SealStage> passkey() { return {}; }
};

}  // namespace sudare
