// The passkey of the decode stage: parses a Message, fills a Record. Included by gateway/decode
// only.
#pragma once

#include "base/personal.h"

namespace sudare {

struct DecodeStage {
  static Reveal key() { return {}; }
  static Passkey<DecodeStage> passkey() { return {}; }
};

}  // namespace sudare
