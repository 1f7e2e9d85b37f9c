// How the tools talk to people and to other programs: `error:` and `hint:` lines on stderr, results
// on stdout, the exit codes of docs/design.md, section 3, and progress on a terminal only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/error.h"

namespace sudare::cli {

enum Exit : int { kExitOk = 0, kExitFailure = 1, kExitUsage = 2, kExitFindings = 3 };

// "error: TEXT\nhint: HINT\n" on stderr; the hint may be empty. Returns kExitFailure.
int report(std::string_view text, std::string_view hint = {});
// The same from an Error: "error: SUBJECT: what (code, detail)".
int report(std::string_view subject, const Error& error, std::string_view hint = {});
// All of them; returns whether there is an error among them.
bool report(const Diagnostics& diagnostics);

// A line that is rewritten in place while long work goes on. Writes nothing where stderr is not a
// terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // At most ten times a second reach the terminal.
  void show(std::string_view line);
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::int64_t last_ms_ = 0;
};

// True once SIGINT or SIGTERM came, after stop_on_signals(). Commands that wait look at it and end
// in order.
void stop_on_signals();
[[nodiscard]] bool stopped();

// "1 problem", "2 problems": for nouns whose plural is an s more.
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string base64(std::string_view bytes);
// The text as a JSON string, with its quotes; what is no UTF-8 is replaced by U+FFFD.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace sudare::cli
