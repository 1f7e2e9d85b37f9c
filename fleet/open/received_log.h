// What arrived, from one run of `sudare open -o DIR` to the next: DIR/<purpose>.received, a line
// per batch, so that what is sent again is dropped and a fork or a gap is seen whenever it comes.
//   {"b":"<batch id>","p":"<pseudonym>","f":first record,"n":records,"l":[[first,count],…]}
// "l": what the car said it lost. Without pseudonym only "b"; after it was rewritten also lines
// without "b". Hexadecimal digits. Holds no record, place or time.
//
// Lines are appended after the records of their batch are written: what a crash leaves out is
// written again, not lost. A line that can't be read (the last one, after a power cut) is left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fleet/open/receiver.h"
#include "fleet/open/record_output.h"

namespace sudare {

// The file is rewritten when it has so many lines: twice what a Receiver remembers of batches.
inline constexpr std::uint64_t kReceivedLinesMax = 2 * kBatchIdsMax;

class ReceivedLog {
 public:
  // Tells `receiver` what the file says. `directory` must be held to append. kIo (errno).
  Status open(const std::filesystem::path& path, const OutputDirectory& directory,
              const std::string& purpose, Receiver& receiver);
  // Noted for the next flush(). Nothing where the log is not open.
  void add(const VerifiedBatch& batch);
  // Appends what was noted. kIo (errno).
  Status flush();
  // So much is noted that it should be flushed.
  [[nodiscard]] bool full() const;

 private:
  std::filesystem::path file_;
  std::string noted_;
};

// One line, with its end; and back: kMalformed. Pure; any thread.
[[nodiscard]] std::string received_line(const Received& received);
Result<Received> parse_received(std::string_view line);

}  // namespace sudare
