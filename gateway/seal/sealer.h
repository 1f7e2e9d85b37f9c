// Release → Sealed. Keeps one open batch per purpose in memory; at each commit seals the new
// records as fragments, and closed batches as a whole in their place (docs/design.md, section 6).
// Counts records, ends epochs, says what replaces what. How a batch is written is
// batch_writer.h's. Has no I/O: the pipeline hands its plan to the store.
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

// SealedMeta::epoch_days of a purpose without pseudonym: no rotation has this length, so that
// ranges of such a purpose are never taken for those of a pseudonym it gets later.
inline constexpr std::uint16_t kNoRotation = 0xffff;

// Part of a CommitGroup: what to add, what it replaces, what it reports, which fragments leave as
// they are, which record numbers and chains follow. `state` may hold chain keys: wipe_values()
// after the commit.
struct SealPlan {
  std::vector<Sealed> add;
  std::vector<RowId> replaced;
  std::vector<MissingRecords> reported;
  std::vector<RowId> released;
  std::vector<StateEntry> state;
};

// One per gateway, on the collector's thread. Keeps references to policy, epochs, clock and (for
// missing ranges and row ids) store. The order of calls is add()…, plan(), Store::commit(),
// committed().
class Sealer {
 public:
  // Reads the record numbers. kMalformed: damaged.
  static Result<std::unique_ptr<Sealer>> create(const Policy& policy, Epochs& epochs,
                                                const Store& store, const Clock& clock);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // The day whose recipients are sealed to, from now on. Before the first call, only those that
  // hold on every day.
  void use_day(std::int64_t unix_day);

  // Whether the purpose has what it takes to be sealed: a recipient today, and a key where it has a
  // pseudonym. A release of a purpose without makes plan() fail.
  [[nodiscard]] bool has_recipient(PurposeIndex purpose) const;
  [[nodiscard]] bool can_seal(PurposeIndex purpose) const;

  // Takes a release into its purpose's open batch. The plaintext stays in memory only.
  void add(const Release& release);

  // Seals everything added since the last committed(): a fragment per purpose with new records; a
  // whole batch where linger, size, an epoch change or `close_all` (shutdown, policy change) closes
  // it, without fragments of what is in it. Steps the epochs that are due; a purpose whose epoch
  // ends without an open batch gets an empty one that says so.
  // Changes nothing that a second plan() would do otherwise: after a failed commit it is called
  // again and seals the same records (and those added since) anew.
  // kNotFound: a purpose's key or recipient is missing; kInternal: a library failed; detail is the
  // purpose's index in both. Nothing is sealed then; give_up() the purpose to go on without it.
  [[nodiscard]] Result<SealPlan> plan(bool close_all);
  // The last plan is on disk.
  void committed();

  // Consent ended: forgets the purpose's open batch; no end of the epoch is said later. Returns how
  // many records were not yet committed. The rows that are, are the store's
  // (CommitGroup::withdrawn).
  std::uint64_t withdraw(PurposeIndex purpose);

  // The open batch can't be sealed: forgets its uncommitted records and returns how many they were.
  // Those that are committed leave as the fragments that they are in, with the next plan.
  std::uint64_t give_up(PurposeIndex purpose);

  // --- clips

  // A piece of a clip as a row that is held (Store, invariant 6). Its record's number is the
  // purpose's next one plus the piece's index: nothing counts before clip_committed(), so that a
  // clip that starts anew uses the same numbers. The plan of the last piece, which has the
  // manifest, also has what the commit that releases the clip must report and persist. Errors as
  // plan().
  [[nodiscard]] Result<SealPlan> seal_piece(const ClipPiece& piece);
  // The last piece is on disk, and with it the clip.
  void clip_committed(PurposeIndex purpose, std::uint32_t pieces);
  // What the pieces of one clip have in common: another value, and the clip must start anew, since
  // a pseudonym ended, the car has another owner, or no recipient could open all of it.
  struct PieceEpoch {
    std::uint64_t generation = 0;
    std::uint32_t epoch = 0;
    std::vector<age::Recipient> recipients;
    friend bool operator==(const PieceEpoch&, const PieceEpoch&) = default;
  };
  [[nodiscard]] PieceEpoch piece_epoch(PurposeIndex purpose) const;

  // Records added and not yet committed, of all purposes.
  [[nodiscard]] std::uint64_t pending_records() const;
  // Milliseconds until a linger closes a batch; 0: call plan() now, also where an epoch is due; -1:
  // no batch is open.
  [[nodiscard]] std::int64_t next_close_in_ms() const;

  // After close_all, committed() and Epochs::use_policy(): goes on with another policy. Purposes
  // are the same where their names and rotation are. Asserts that no batch is open.
  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Sealer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
