// The minimize stage's passkeys: only files of this folder include it.
#pragma once

#include "base/personal.h"

namespace sudare {

struct MinimizeStage {
  static Reveal key() { return {}; }
  static Passkey<MinimizeStage> passkey() { return {}; }
};

}  // namespace sudare
