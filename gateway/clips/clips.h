// The drive recorder's clips, from the spool directory to the outbox.
//
//   1. The recorder leaves a file (Spool), an event names it (ClipEvents); in either order.
//   2. For each purpose that wants clips of such events, the highest priority first, and that may
//   be
//      served now: sudare-clip rebuilds and verifies the file (ClipJob).
//   3. Each piece is sealed and stored at once, held: not sent, not counted.
//   4. The clip is whole: one transaction stores the last piece with the manifest, releases all
//      pieces, moves the purpose's record numbers, notes in the ledger that this file is done for
//      this purpose, and counts a row per piece: taken, queued.
//   5. Once every purpose has it, or refused it, the file is kept or deleted, as the policy says.
//
// A file is evidence: it is deleted only where its clip was released, or is at fault itself, or
// came while the gateway watched and no event named it. What fails for another reason (no
// sudare-clip, no sandbox, a crash, a hang, no memory, a card that can't be read, no room ever) is
// tried again, and the file stays whatever the policy says. Where a purpose may not be served for
// now, it waits.
//
// Whatever happens in between (the process ends, consent is withdrawn, the policy or the pseudonym
// changes, the disk is full), the held pieces go and the clip starts anew, with the same record
// numbers: they never left.
//
// One clip and one purpose at a time; memory is bounded by one piece. Runs on the collector's
// thread in its event loop: a turn does one thing, and a piece is the most of it.
//
// This is what the rest of the gateway sees; the work is SpoolClips's (spool_clips.h).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "clip/run/program.h"
#include "gateway/account.h"
#include "gateway/seal/sealer.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

struct ClipOptions {
  std::string directory;           // the spool
  clip::Program program;           // sudare-clip
  std::int64_t event_wait_ms = 0;  // a clip waits so long for its event, and an event for its clip
};

// Whether rows of a purpose may go on, and what they are counted as otherwise.
struct ClipGate {
  bool open = false;
  Fate fate = Fate::kRejected;
  Reason reason = Reason::kNone;
};

// Figures for the status page. Clips are counted per purpose.
struct ClipStatus {
  bool on = false;
  bool spool_there = false;
  std::uint64_t files_waiting = 0;   // in the spool and not settled
  std::uint64_t events_waiting = 0;  // for their clip, or for their clip to be settled
  bool in_work = false;
  std::uint64_t work_bytes = 0;  // of the clip in work, so far
  std::uint64_t released = 0;
  std::uint64_t released_pieces = 0;
  std::uint64_t released_bytes = 0;
  std::array<std::uint64_t, kReasonCount> rejected{};  // by Reason
  std::uint64_t retried = 0;         // failed attempts that were followed by another
  std::uint64_t failed = 0;          // clips of which two attempts failed, whatever came of them
  std::uint64_t failing = 0;         // those of them that are still to be tried
  std::uint64_t started_anew = 0;    // consent, policy or pseudonym changed, or the store failed
  std::uint64_t no_room = 0;         // the store had no room: tried again later
  std::uint64_t events_refused = 0;  // that named no file, trigger or moment
  std::uint64_t events_expired = 0;  // whose clip never came
  std::uint64_t files_deleted = 0;
  std::uint64_t deletions_failed = 0;       // attempts
  std::uint64_t files_to_delete = 0;        // that could not be deleted yet
  std::uint64_t files_remembered = 0;       // tags in the ledger
  std::uint64_t files_not_remembered = 0;   // kept, but the ledger was full
  std::uint64_t processes_left_behind = 0;  // of sudare-clip, killed and not ended
  bool spool_too_full = false;              // more entries than are looked at
};

class Clips {
 public:
  // Keeps references to all of them; `gate` is asked before anything of a purpose is made or
  // stored. kMalformed: stored state is damaged; or the store's errors. kUnsupported: clips are not
  // in this build (SUDARE_CLIPS=OFF: no_clips.cc).
  static Result<std::unique_ptr<Clips>> create(const ClipOptions& options, const Policy& policy,
                                               Store& store, Sealer& sealer, TrustedTime& time,
                                               const Clock& clock,
                                               std::function<ClipGate(PurposeIndex)> gate);
  virtual ~Clips() = default;
  Clips(const Clips&) = delete;
  Clips& operator=(const Clips&) = delete;

  // What a message said of a clip. It counts once take_changes() is on disk.
  virtual void event(const Personal<ClipNotice>& notice) = 0;
  // What must be persisted since the last call. If the commit then fails, the caller commits the
  // same entries again.
  virtual void take_changes(std::vector<StateEntry>& out) = 0;
  // Gates may have changed: what is in work for a purpose that may not be served stops.
  virtual void gates_changed() = 0;
  // The pieces in work are of the policy before: the clip starts anew.
  virtual void use_policy(const Policy& policy) = 0;

  // To poll for POLLIN: the spool; the clip in work. -1: none.
  [[nodiscard]] virtual int spool_fd() const = 0;
  [[nodiscard]] virtual int job_fd() const = 0;
  // Milliseconds until turn() has something to do without an event.
  [[nodiscard]] virtual std::int64_t next_ms() const = 0;
  // Does what is next, if anything: one piece at most, one commit at most. True: rows that may be
  // uploaded were added.
  virtual bool turn() = 0;

  [[nodiscard]] virtual ClipStatus status() const = 0;

 protected:
  Clips() = default;
};

}  // namespace sudare
