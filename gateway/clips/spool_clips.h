// Clips (clips.h) as they are made: one file of the spool after the other. Split over clips.cc
// (what the gateway says), clips_file.cc (files) and clips_work.cc (the clip in work).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/clips/clip_events.h"
#include "gateway/clips/clip_job.h"
#include "gateway/clips/clip_ledger.h"
#include "gateway/clips/clip_tags.h"
#include "gateway/clips/clips.h"
#include "gateway/clips/spool.h"
#include "gateway/seal/sealer.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

class SpoolClips final : public Clips {
 public:
  // As Clips::create.
  static Result<std::unique_ptr<SpoolClips>> create(const ClipOptions& options,
                                                    const Policy& policy, Store& store,
                                                    Sealer& sealer, TrustedTime& time,
                                                    const Clock& clock,
                                                    std::function<ClipGate(PurposeIndex)> gate);

  void event(const Personal<ClipNotice>& notice) override;
  void take_changes(std::vector<StateEntry>& out) override;
  void gates_changed() override;
  void use_policy(const Policy& policy) override;
  [[nodiscard]] int spool_fd() const override { return spool_.fd(); }
  [[nodiscard]] int job_fd() const override { return job_ ? job_->job.descriptor() : -1; }
  [[nodiscard]] std::int64_t next_ms() const override;
  bool turn() override;
  [[nodiscard]] ClipStatus status() const override;

 private:
  struct Work {
    std::string file;
    std::string tag;  // of (file, purpose) in the ledger
    FileState state;
    Sealer::PieceEpoch epoch;
    ClipJob job;
  };
  // One file that is complete and whose event is there.
  struct Candidate {
    const std::string* name = nullptr;
    SpoolFile* file = nullptr;
    PendingEvent event;
  };

  SpoolClips(const ClipOptions& options, const Policy& policy, Store& store, Sealer& sealer,
             TrustedTime& time, const Clock& clock, std::function<ClipGate(PurposeIndex)> gate,
             ClipTags tags);

  void look();
  [[nodiscard]] std::optional<Candidate> next_candidate();
  [[nodiscard]] Standing standing(const std::string& name, const FileState& state, bool closed);
  void wake_gated();
  void expire_events();
  void forget_gone();
  void drop_held();

  void begin(const Candidate& candidate);
  void begin_without_event(const Candidate& candidate, const FileState& state);
  void start(const Candidate& candidate, PurposeIndex purpose, const std::string& tag,
             Spool::Opened opened);
  void finish(const Candidate& candidate, const FileState& state,
              const std::vector<PurposeIndex>& wanted);
  [[nodiscard]] bool to_keep(const Candidate& candidate, const FileState& state,
                             const std::vector<PurposeIndex>& wanted) const;
  void keep_file(const std::string& name, const FileState& state);
  void delete_file(const std::string& name, const FileState& state);
  void drop_tags(const std::string& name, const FileState& state);
  [[nodiscard]] std::vector<PurposeIndex> wanted(v1::Clips::Trigger trigger) const;
  [[nodiscard]] ClipOrder order_for(PurposeIndex purpose, const PendingEvent& event) const;

  bool step();
  bool store_piece(bool last);
  void released(std::uint32_t pieces, std::uint64_t bytes);
  void refused(ClipJob::Step step);
  // An attempt that says nothing about the clip.
  void failed(const std::string& tag, const std::string& purpose, Literal why);
  void failed_to_store(const Error& error);
  void stop(std::int64_t again_in_ms);
  void start_anew();
  // One row of the purpose ("" for none) that goes no further, and the file is done for it.
  bool settle(const std::string& tag, const std::string& purpose, ClipOutcome outcome, Fate fate,
              Reason reason);

  const ClipOptions options_;
  const Policy* policy_;
  Store& store_;
  Sealer& sealer_;
  TrustedTime& time_;
  const Clock& clock_;
  const std::function<ClipGate(PurposeIndex)> gate_;
  std::unique_ptr<const ClipTags> tags_;  // at a fixed address: events_ refers to it
  Spool spool_;
  std::optional<ClipEvents> events_;
  ClipLedger ledger_;
  std::optional<Work> job_;
  bool job_waits_ = false;  // for sudare-clip to write something
  struct Failure {
    int attempts = 0;
    std::int64_t pause_ms = 0;
    std::int64_t not_before_ms = 0;
  };
  std::map<std::string, Failure> failures_;        // by tag of (file, purpose)
  std::map<std::string, std::int64_t> pauses_ms_;  // the last wait for room, by the same
  std::vector<StateEntry> changes_;
  bool look_now_ = true;
  std::set<PurposeIndex> gated_;    // that files wait for, since they may not be served now
  bool ledger_full_ = false;        // and that was said
  std::int64_t next_look_ms_ = 0;   // monotonic
  std::int64_t not_before_ms_ = 0;  // no commit before: the last one failed
  ClipStatus counted_;
};

}  // namespace sudare
