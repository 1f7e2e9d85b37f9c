// Starts libsodium: picks the fastest implementation for this processor and opens the random
// source.
#pragma once

#include "base/result.h"

namespace sudare {

// Once at the start of a program, before other threads use this folder; again is free. Any thread.
// kInternal where libsodium can't start (no random source): the program must not go on.
Status crypto_init();

}  // namespace sudare
