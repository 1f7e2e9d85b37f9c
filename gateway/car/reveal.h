// The passkey of this stage: only gateway/car includes this file.
#pragma once

#include "base/personal.h"

namespace sudare {

struct CarStage {
  static Reveal key() { return {}; }
};

}  // namespace sudare
