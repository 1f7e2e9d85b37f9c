// Lets tests look inside a Personal. Not linked into any program.
#pragma once

#include "base/personal.h"

namespace sudare {

struct TestReveal {
  static Reveal key() { return {}; }
};

}  // namespace sudare
