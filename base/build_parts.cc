#include "base/build_parts.h"

namespace sudare {

#if !defined(SUDARE_STATUS) || !defined(SUDARE_JSON) || !defined(SUDARE_CLIPS)
#error "SUDARE_STATUS, SUDARE_JSON and SUDARE_CLIPS are 0 or 1 (base/CMakeLists.txt)"
#endif

BuildParts build_parts() { return {SUDARE_STATUS != 0, SUDARE_JSON != 0, SUDARE_CLIPS != 0}; }

}  // namespace sudare
