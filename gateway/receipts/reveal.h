// The passkey of this stage: only gateway/receipts includes this file.
#pragma once

#include "base/personal.h"

namespace sudare {

struct ReceiptStage {
  static Reveal key() { return {}; }
};

}  // namespace sudare
