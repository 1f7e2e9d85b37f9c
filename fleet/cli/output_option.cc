#include "fleet/cli/output_option.h"

namespace sudare::cli {

bool is_standard_output(const std::string& name) { return name == "-"; }

std::string refuse_standard_output(const std::string& name) {
  return is_standard_output(name) ? "it can't be written to standard output; ./- is a file called -"
                                  : "";
}

}  // namespace sudare::cli
