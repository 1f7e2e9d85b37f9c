#include "fleet/provision/transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <utility>

#include "fleet/provision/sealed_shares.h"
#include "fleet/provision/state_files.h"
#include "gateway/car/car_check.h"
#include "gateway/consent/consent.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/books.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"
#include "gateway/store/store.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

Status check_nothing_else(const std::string& state) {
  TRY(const std::vector<std::string> others, names_of_others(state));
  if (!others.empty()) {
    return fail(ErrorCode::kRefused, "transfer: the state directory holds a file of others");
  }
  return Done{};
}

struct Inheritance {
  std::vector<StateEntry> entries;
  std::uint32_t transfers = 0;
};

Result<Inheritance> read_inheritance(Database& database, const CarIdentity& identity) {
  TRY(prepare_writer(database));
  TRY(BookKeeper keeper, BookKeeper::prepare(database));
  TRY(std::vector<StateEntry> chains, keeper.states(kChainsModule));
  const Result<std::uint32_t> transfers = Epochs::transfers(chains);
  wipe_values(chains);
  if (!transfers) return tl::unexpected<Error>(transfers.error());
  if (*transfers == std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::kRefused, "transfer: too many");
  }
  Inheritance inheritance;
  inheritance.transfers = *transfers + 1;
  TRY(inheritance.entries, keeper.states("consent"));
  TRY(Consent::forget_words(inheritance.entries));
  TRY(const std::vector<StateEntry> car, keeper.states(kCarModule));
  TRY(CarCheck::provision(car, identity.vin, identity.frame_number, inheritance.entries));
  for (const Literal module : {Literal("clock"), Literal("policy")}) {
    TRY(std::vector<StateEntry> kept, keeper.states(module));
    for (StateEntry& entry : kept) inheritance.entries.push_back(std::move(entry));
  }
  return inheritance;
}

// Leaves the old store without a WAL: SQLite would replay it over the file that takes its place.
Result<Inheritance> close_former(const std::string& file, const CarIdentity& identity) {
  TRY(Database database,
      Database::open(file, DatabaseAccess::kReadWrite, real_disk().sqlite_vfs()));
  TRY(Inheritance inheritance, read_inheritance(database, identity));
  TRY(const bool cut, database.checkpoint(Checkpoint::kWipe));
  if (!cut) return fail(ErrorCode::kUnavailable, "transfer: another program reads outbox.db");
  return inheritance;
}

Status check_no_wal(const std::string& file) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file + "-wal", error);
  if (!error && bytes > 0) {
    return fail(ErrorCode::kUnavailable, "transfer: another program has outbox.db open");
  }
  return Done{};
}

// The next owner's store, whole and on disk; returns the root.
Result<RootKey> make_next(const fs::path& directory, const Clock& clock, std::int64_t day,
                          Inheritance& inheritance) {
  TRY(StateDirectory::wipe_next_owner(directory.parent_path().string(), real_disk()));
  TRY(remove_tree(directory));
  StoreOptions options;
  options.directory = directory.string();
  options.quota_bytes = kQuotaBytesMin;  // the gateway opens it with its own
  TRY(const std::unique_ptr<Store> store, Store::open(options, clock));
  CommitGroup group;
  group.state = std::move(inheritance.entries);
  TRY(RootKey root, Epochs::provision_next_owner(day, inheritance.transfers, group.state));
  const Result<CommitSummary> committed = store->commit(group);
  wipe_values(group.state);
  if (!committed) return tl::unexpected<Error>(committed.error());
  return root;
}

// Who runs the tool may be root, the gateway another user.
Status take_over_owner(const std::string& former, const std::string& next) {
  struct stat old {};
  struct stat fresh {};
  if (lstat(former.c_str(), &old) != 0 || lstat(next.c_str(), &fresh) != 0) {
    return fail(ErrorCode::kIo, "transfer: stat", errno);
  }
  if (old.st_uid == fresh.st_uid && old.st_gid == fresh.st_gid) return Done{};
  if (lchown(next.c_str(), old.st_uid, old.st_gid) != 0) {
    return fail(ErrorCode::kIo, "transfer: the new outbox.db can't be given to the gateway", errno);
  }
  return Done{};
}

// The former owner's file keeps a name until it is overwritten: where the power fails before, the
// next start does it (StateDirectory::wipe_next_owner).
Status exchange(const std::string& next, const std::string& file) {
  if (renameat2(AT_FDCWD, next.c_str(), AT_FDCWD, file.c_str(), RENAME_EXCHANGE) == 0) {
    return Done{};
  }
  // Not every file system can; ext4, f2fs, btrfs, xfs and UBIFS do.
  if ((errno != EINVAL && errno != ENOSYS) || std::rename(next.c_str(), file.c_str()) != 0) {
    return fail(ErrorCode::kIo, "transfer: rename", errno);
  }
  return Done{};
}

// What the former owner's last commits left in the journal goes into outbox.db, as at a start, and
// the journal goes: a transfer that is cut short leaves a store that lacks nothing.
Status take_in_journal(const std::string& state, const Clock& clock) {
  if (!fs::exists(StateDirectory::journal_path(state))) return Done{};
  constexpr std::uint64_t kAnyQuota = 1ULL << 40U;
  TRY(Store::open({state, kAnyQuota, 0, 0}, clock));
  return Done{};
}

}  // namespace

Result<Transfer> transfer(const ProvisionOptions& options, const Clock& clock,
                          const DeliverShares& deliver,
                          const std::function<void(TransferStep)>& reached) {
  const auto tell = [&](TransferStep step) {
    if (reached) reached(step);
  };
  const fs::path state = options.state_directory;
  const std::string file = StateDirectory::database_path(state.string());
  // First: its store may be gone already.
  if (StateDirectory::is_being_erased(state.string())) {
    return fail(ErrorCode::kRefused, "transfer: the unit is being erased");
  }
  if (!fs::exists(file)) return fail(ErrorCode::kNotFound, "transfer: not provisioned");
  TRY(take_in_journal(state.string(), clock));
  TRY(const StateDirectory lock, StateDirectory::hold(state.string()));
  TRY(check_nothing_else(state.string()));
  TRY(Inheritance inheritance, close_former(file, options.identity));
  TRY(check_no_wal(file));
  const auto former = real_disk().open(file, Disk::Open::kUsual);
  if (!former) return fail(ErrorCode::kIo, "transfer: outbox.db", errno);

  const fs::path next = state / kNextOwnerName;
  const std::int64_t day = clock.wall_ms() / kMsPerDay;
  TRY(const RootKey root, make_next(next, clock, day, inheritance));
  const std::string next_file = StateDirectory::database_path(next.string());
  TRY(check_no_wal(next_file));
  TRY(take_over_owner(file, next_file));
  TRY(take_over_owner(file, next.string()));
  tell(TransferStep::kMade);
  TRY(const std::vector<std::string> shares,
      seal_shares(options, day, inheritance.transfers, root));
  TRY(deliver(shares));
  tell(TransferStep::kDelivered);
  // Before the switch: the next owner must not find them, whenever the power fails.
  TRY(remove_tree(file + "-wal"));
  TRY(remove_tree(file + "-shm"));
  TRY(sync_directory(state));
  tell(TransferStep::kPurged);
  TRY(exchange(next_file, file));
  TRY(sync_directory(next));
  TRY(sync_directory(state));
  tell(TransferStep::kSwitched);
  Transfer done{inheritance.transfers, overwrite(*former)};
  std::error_code ignored;
  // Else the next start finds it there, and tries again.
  if (done.overwritten) fs::remove_all(next, ignored);
  return done;
}

}  // namespace sudare
