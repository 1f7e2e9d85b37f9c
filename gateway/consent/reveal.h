// The passkey of this stage: only gateway/consent includes this file.
#pragma once

#include "base/personal.h"

namespace sudare {

struct ConsentStage {
  static Reveal key() { return {}; }
};

}  // namespace sudare
