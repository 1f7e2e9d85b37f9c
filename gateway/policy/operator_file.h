// Reads a file that an operator wrote, with a limit. Part of the policy reader.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace sudare {

// kNotFound, kIo (detail: errno), kTooLarge.
[[nodiscard]] Result<std::string> read_operator_file(const std::string& path,
                                                     std::size_t bytes_max);

}  // namespace sudare
