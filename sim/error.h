// What is wrong with a file or an option that a tester gave: text, and file and line where there
// are any. The simulator's own: it holds text from files of trips, which no part of the gateway may
// put into an error.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/result.h"

namespace sudare::sim {

struct InputError {
  std::string file;  // empty: not about a file
  int line = 0;      // from 1; 0: the file as a whole
  std::string text;
  std::string hint;  // what would fix it; may be empty

  // "error: trip.csv:3: no such column\nhint: ...\n"
  [[nodiscard]] std::string to_string() const;
};

template <class T>
using Parsed = tl::expected<T, InputError>;

[[nodiscard]] tl::unexpected<InputError> input_error(std::string file, int line, std::string text,
                                                     std::string hint = {});

// The same for a failure that a library reports.
[[nodiscard]] tl::unexpected<InputError> input_error(const Error& error, std::string what);

// The whole file, at most `bytes_max`.
[[nodiscard]] Parsed<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

}  // namespace sudare::sim
