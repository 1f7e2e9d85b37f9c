// The format of outbox.db, version 4, and how it is made. An SQLite file (application_id
// 0x53756461, "Suda"; user_version: file_version()) in WAL mode. Numbers in blobs are 8 bytes,
// little-endian.
//
// Units are updated and roll back: a program reads the formats before its own, and one after it
// where that says so (readable_from). A format may say so where a program that does not know what
// is new in it can go on with the rest, and leaves what it does not know as it is: a table, an
// index, a column with a default (but not of meta and account, whose rows are written anew). It may
// not where it has another fate or reason in the account, or
// an entry of the journal that an older program would not play back.
//
//   outbox   a row per age file
//     key           rank << 48 | id. So rows of one urgency lie side by side in the file: evicting
//                   from the front of the lowest rank frees whole pages.
//     rank          essential ? 256 + priority : priority (generated from key)
//     id            RowId, under 2^48 (generated from key)
//     fragment      1: the batch it belongs to is still open in this session. Not sent, not
//                   expired. A fragment that was evicted has size 0: its records live on in the
//                   open batch only.
//     ready_ms      store time from which it may be sent
//     expires_ms    store time from which it is too old
//     purpose, shard, epoch_days, epoch, first_record, record_count: as SealedMeta
//     size          bytes of the age file
//     checksum      BLAKE2b-128 over id, shard, purpose and the age file (row.h)
//     bytes         the age file; last, so that the rest is read without it
//   held     keys of the outbox's rows that wait for the rest of their clip: not sent, not expired,
//            not evicted. Since version 2. A table of its own, because a flag in the row would have
//            its whole content written again when the clip is released
//   account  a row per purpose ("" for none): taken; fates: a number per Fate; reasons: a number
//            per Reason, both in the order of the enums, which only grow at their ends
//   missing  a row per purpose and epoch: ranges as missing_ranges.h encodes them
//   state    small values of other modules: (module, key) → value
//   meta     one row: session number and what it started with, the next id, totals over outbox,
//            store time (store_time.h). offset_ms is store time minus the monotonic clock of the
//            session. Totals are kept, not counted, so that no cost grows with the queue.
//            journal_sequence: the last entry of the journal that is in here; store_id: random,
//            names the journal's entries; both since version 3
//
// Files: outbox.db, outbox.db-wal, outbox.db-shm, outbox.journal (journal.h), lock; all 0600.
// Deleted content is overwritten with zeros in outbox.db (secure_delete). The WAL keeps its blocks,
// which later commits write over; it is wiped and cut to 0 bytes when a chain was replaced or a
// purpose withdrawn, at the end of a session and after one that was cut short (wiping_vfs.h).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "gateway/store/database.h"

namespace sudare {

inline constexpr std::int64_t kSchemaVersion = 5;
// 4: the journal holds receipts that version 3 does not know; 5: the account has a reason more.
inline constexpr std::int64_t kSchemaReadableFrom = 5;

// user_version. Up to version 3 it was the version alone.
constexpr std::int64_t file_version(std::int64_t version, std::int64_t readable_from) {
  return readable_from << 16 | version;
}
// Of a file with this user_version. kUnsupported: a newer one that this program can't go on with;
// detail: its number.
Result<std::int64_t> readable_version(std::int64_t user_version);

inline constexpr std::int64_t kPageBytes = 4096;
// SQLite's log (www.sqlite.org/fileformat2.html): a header, then frames of a header and a page.
inline constexpr std::int64_t kLogHeaderBytes = 32;
inline constexpr std::int64_t kFrameHeaderBytes = 24;
inline constexpr std::int64_t kFrameBytes = kFrameHeaderBytes + kPageBytes;

// Reader and writer are in each other's way only for an instant, while one changes the WAL's index.
// Longer than flash stalls.
inline constexpr int kBusyWaitMs = 10'000;

// Settings of the writer's connection, then makes the tables in an empty file or migrates those of
// an earlier version. kUnsupported: a newer version that this program can't go on with; detail: its
// number. kMalformed: not an outbox.
Status prepare_writer(Database& database);

// Settings of the reader's connection.
Status prepare_reader(Database& database);

}  // namespace sudare
