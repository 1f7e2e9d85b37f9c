// "-" as the name of an output is standard output, as it is standard input for what is read. Where
// an output can't be a stream, "-" is an error of usage and no file of that name.
#pragma once

#include <string>

namespace sudare::cli {

[[nodiscard]] bool is_standard_output(const std::string& name);

// For CLI::Option::check(), of an output that is a folder, a secret, or more than one file: what is
// wrong with the name; empty: nothing.
[[nodiscard]] std::string refuse_standard_output(const std::string& name);

}  // namespace sudare::cli
