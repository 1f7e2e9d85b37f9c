// The key with which gateway/config makes diagnostics; only it and the gateway.s start include this
// file.
#pragma once

#include "base/diagnostic.h"

namespace sudare {

struct ConfigReader {
  static DiagnosticKey key() { return {}; }
};

}  // namespace sudare
