// The uploader's view of the outbox: a read-only connection of its own, so that sending never waits
// for a commit, and the rows that are only in the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/stages.h"
#include "gateway/store/disk.h"

namespace sudare {

class JournaledRows;

struct OutboxRow {
  RowId id = 0;
  std::string purpose;
  std::uint8_t shard = 0;
  bool essential = false;
  std::uint8_t priority = 0;
  std::string bytes;  // the age file, checked against its stored checksum
};

// Only the uploader's thread uses it.
class OutboxReader {
 public:
  // The store in `directory` must be open in this process; `session` is Store::session(),
  // `journaled` Store::journaled(), which must outlive the reader, `disk` the store's.
  static Result<std::unique_ptr<OutboxReader>> open(const std::string& directory,
                                                    std::int64_t session, const Clock& clock,
                                                    const JournaledRows* journaled,
                                                    const Disk& disk = real_disk());
  ~OutboxReader();
  OutboxReader(const OutboxReader&) = delete;
  OutboxReader& operator=(const OutboxReader&) = delete;

  // Rows that may be sent now: whole batches, and fragments of earlier sessions or released; not
  // held rows; not before their time; without those in `outstanding` and of the purposes in
  // `withheld`. Order: essential, priority, live (this session) before backlog, oldest first. At
  // most `rows_max` rows and about `bytes_max` bytes (at least one row). Cost does not grow with
  // the length of the queue, but with the rows of `withheld`, and with held rows, in it.
  [[nodiscard]] Result<std::vector<OutboxRow>> ready(const std::vector<RowId>& outstanding,
                                                     std::size_t rows_max, std::size_t bytes_max,
                                                     const std::vector<std::string>& withheld = {});
  // Milliseconds until the time comes of a row that waited for it at the last ready(), 0 if it has
  // come since then; -1: none waited. A row that becomes ready in another way is not told of here.
  [[nodiscard]] Result<std::int64_t> next_ready_in_ms();
  // Rows whose bytes do not match their checksum, seen by ready(): to be quarantined by the writer.
  [[nodiscard]] std::vector<RowId> take_damaged();

 private:
  struct State;
  explicit OutboxReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
