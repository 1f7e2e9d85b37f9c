// Lines of a stream, one at a time, in bounded memory. A line may say who a car is: the reader
// wipes what it has read ahead and what it passes over; the caller wipes the lines that it is
// given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace sudare::cli {

// A message of 64 KiB, the most that the gateway takes, is 87 KiB in base64, and JSON written with
// white space and escapes is larger than what it says.
inline constexpr std::size_t kLineBytesMax = 1024 * 1024;

class LineReader {
 public:
  // Borrows the open file.
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  enum class Outcome : std::uint8_t { kLine, kTooLong, kEnd };
  // The next line, without its end, in `line`. kTooLong: it was longer than kLineBytesMax, and has
  // been passed over. kIo (detail: errno).
  Result<Outcome> next(std::string& line);
  // Of the line that next() told last, from 1.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  // Whether the next line is still to be read from the file.
  [[nodiscard]] bool waits() const { return at_ == buffer_.size(); }

 private:
  Result<bool> fill();

  int descriptor_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace sudare::cli
