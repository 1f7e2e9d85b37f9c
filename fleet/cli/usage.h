// What a program says of a call that it doesn't understand. Any thread; writes on stderr.
#pragma once

#include <CLI/CLI.hpp>

namespace sudare::cli {

// For the main function: the exit code after app.parse(count, arguments) threw `error`; --help and
// --version are shown and are 0. A command that is missing or not known is named, with those that
// there are: CLI11 says of both that one is required.
[[nodiscard]] int report_usage(const CLI::App& app, const CLI::ParseError& error, int count,
                               char** arguments);

}  // namespace sudare::cli
