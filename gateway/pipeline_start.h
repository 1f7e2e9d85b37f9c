// What a start and its diagnostics need beside the loop itself.
#pragma once

#include "base/diagnostic.h"

namespace sudare {

// Errors and warnings on stderr, as every program prints them.
void print(const Diagnostics& diagnostics);

}  // namespace sudare
