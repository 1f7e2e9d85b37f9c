// An Explanation as people read it, an aligned table, and as programs do.
#pragma once

#include <string>

#include "fleet/explain/explain.h"

namespace sudare {

// Lines that end in line ends. `policy_file` names the rules.
std::string explanation_table(const Explanation& explanation, const std::string& policy_file);

// One line of JSON:
// {"topic","time_ms","purposes":[{"purpose","fate","reason","rule"}],
//  "fields":[{"path","before","purposes":{"traffic":{"released","after","why"}}}]}.
std::string explanation_json(const Explanation& explanation, const std::string& policy_file);

}  // namespace sudare
