// Release → Sealed. Keeps one open batch per purpose in memory; at each commit seals the new
// records as fragments, and closed batches as a whole in their place (docs/design.md, section 6).
// Signs, compresses, pads, encrypts. Has no I/O: the pipeline hands its plan to the store.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/seal/epochs.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// Part of a CommitGroup: what to add, what it replaces, what it reports, which record numbers
// follow.
struct SealPlan {
  std::vector<Sealed> add;
  std::vector<RowId> replaced;
  std::vector<MissingRecords> reported;
  std::vector<StateEntry> state;
};

// One per gateway, on the collector's thread. Keeps references to policy, epochs, clock and (for
// missing ranges and record numbers) store.
class Sealer {
 public:
  static Result<std::unique_ptr<Sealer>> create(const Policy& policy, Epochs& epochs,
                                                const Store& store, const Clock& clock);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // Takes a release into its purpose's open batch. The plaintext stays in memory only.
  void add(Release release);

  // Seals everything added since the last committed(): a fragment per purpose with new records; a
  // whole batch where linger, size, an epoch change or `close_all` (shutdown, policy change) closes
  // it. Idempotent until committed(): after a failed commit, plan() may be called again. kInternal
  // on a failure of a library.
  [[nodiscard]] Result<SealPlan> plan(bool close_all);
  // The last plan is on disk.
  void committed();

  // Consent ended: forgets the purpose's open batch. Returns how many records were not yet
  // committed.
  std::uint64_t withdraw(PurposeIndex purpose);

  // Records added and not yet committed, by purpose: what the account counts as queued in this
  // commit is up to the caller.
  [[nodiscard]] std::uint64_t pending_records() const;
  // Milliseconds until a linger or an epoch closes a batch; -1: none open.
  [[nodiscard]] std::int64_t next_close_in_ms() const;

  // After close_all and committed(): goes on with another policy.
  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Sealer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
