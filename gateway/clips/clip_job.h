// One clip for one purpose, on its way out of sudare-clip: reads what the two processes write and
// cuts it into pieces of one size. Holds one piece at a time, whatever the clip's size. Knows
// nothing of store or spool.
#pragma once

#include <sodium.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "clip/run/clip_run.h"
#include "gateway/clips/spool.h"
#include "gateway/stages.h"

namespace sudare {

struct ClipOrder {
  PurposeIndex purpose = 0;
  std::uint32_t piece_bytes = 0;
  clip::Options options;  // kMinimize
  v1::ClipManifest::Profile profile = v1::ClipManifest::PROFILE_UNSPECIFIED;
  v1::ClipManifest::Trigger trigger = v1::ClipManifest::TRIGGER_UNSPECIFIED;
};

class ClipJob {
 public:
  // Errors as ClipRun::start().
  static Result<ClipJob> start(const clip::Program& program, const ClipOrder& order,
                               Spool::Opened clip, const Clock& clock);

  enum class Step : std::uint8_t {
    kWaiting,   // nothing is there to read now
    kPiece,     // piece() is to be stored, then stored()
    kLast,      // the same; it has the manifest: the clip is whole and verified
    kRejected,  // sudare-clip refuses the clip: it will not do otherwise another time
    kFindings,  // what it made was found to hold what may not leave
    kFailed,    // a process crashed, ran out of time, or the file changed meanwhile
  };
  // Reads at most one piece. Does not block. After an end it stays as it is.
  [[nodiscard]] Step step();
  [[nodiscard]] const ClipPiece& piece() const { return piece_; }
  // The piece is on disk, held: goes on with the next.
  void stored();

  // What to poll for POLLIN; changes with each step().
  [[nodiscard]] int descriptor() const { return run_.descriptor(); }
  [[nodiscard]] std::chrono::milliseconds time_left() const { return run_.time_left(); }
  [[nodiscard]] std::uint32_t pieces() const { return pieces_; }  // complete so far, or at the end
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }    // read so far
  // Why, after kRejected, kFindings and kFailed.
  [[nodiscard]] clip::Reason reason() const { return run_.result().reason; }
  // After kRejected: it was the worker who refused the clip; else verify refused what it made.
  [[nodiscard]] bool rejected_by_worker() const {
    const auto& report = run_.result().worker.report;
    return report && report->outcome == clip::Outcome::kRejected;
  }

 private:
  ClipJob(const ClipOrder& order, Spool::Opened clip, clip::ClipRun run);
  [[nodiscard]] Step end();
  [[nodiscard]] ClipPiece::Content& content();
  // Reads what there is now into the buffer from `filled` on.
  void read_into(std::string& buffer, std::size_t& filled);

  ClipOrder order_;
  Spool::Opened clip_;
  clip::ClipRun run_;
  ClipPiece piece_;
  // The piece's data has its full size from the start, but for the last; so much of it is read.
  std::size_t filled_ = 0;
  std::string ahead_;  // read beyond a full piece: only then is it known not to be the last
  std::size_t ahead_filled_ = 0;
  crypto_generichash_state hash_{};
  std::uint32_t pieces_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sudare
