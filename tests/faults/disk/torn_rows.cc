// Bytes that rot on the disk of a unit that is off: bits, sectors, the end of a file.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/store/database.h"
#include "gateway/store/outbox_reader.h"
#include "gateway/store/row.h"
#include "gateway/store/state_directory.h"
#include "tests/faults/disk/disk.h"
#include "tests/faults/disk/store_lives.h"

namespace sudare::faults {
namespace {

constexpr std::uint64_t kAcknowledgedLeast = 100;
constexpr std::size_t kRoundsMax = 5000;

void flip(std::string& bytes, std::uint64_t at, Dice& dice) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
}

void damage(FakeFile& file, Dice& dice) {
  std::string& bytes = file.durable;
  for (std::uint64_t places = dice.between(1, 4); places > 0 && !bytes.empty(); --places) {
    const std::uint64_t at = dice.below(bytes.size());
    const std::uint64_t sector = at / kSectorBytes * kSectorBytes;
    const std::uint64_t end = std::min<std::uint64_t>(sector + kSectorBytes, bytes.size());
    const std::uint64_t how = dice.below(8);
    if (how < 4) {
      flip(bytes, at, dice);
    } else if (how < 7) {
      const bool noise = how == 6;
      for (std::uint64_t i = sector; i < end; ++i) {
        bytes[i] = noise ? static_cast<char>(dice.number()) : '\0';
      }
    } else if (dice.once_in(4)) {
      bytes.resize(sector);
    }
  }
  file.now = bytes;
}

// What a store would send that believes its disk.
std::uint64_t wrong_if_believed(const StoreOptions& options, const Groups& groups) {
  auto database = Database::open(StateDirectory::database_path(options.directory),
                                 DatabaseAccess::kReadOnly, options.disk->sqlite_vfs());
  if (!database) return 0;
  auto rows =
      Statement::prepare(*database, "SELECT key, bytes FROM outbox NOT INDEXED WHERE size > 0");
  if (!rows) return 0;
  std::uint64_t wrong = 0;
  while (true) {
    const auto more = rows->step();
    if (!more || !*more) return wrong;
    if (!groups.made(id_of(rows->number(0)), std::string(rows->bytes(1)))) ++wrong;
  }
}

class Damaged {
 public:
  Damaged(StoreLives& lives, FaultResult& result) : lives_(lives), result_(result) {}

  // Empty: all is well, or the store said that it is damaged.
  std::string run(bool rows_only) {
    StoreOptions options = lives_.options();
    options.create = false;  // as a gateway opens it
    auto opened = Store::open(options, lives_.clock());
    if (!opened) return refused(opened.error(), "it does not open");
    store_ = std::move(*opened);
    result_.control_lost += wrong_if_believed(lives_.options(), lives_.groups());
    if (std::string why = books_differ(); !why.empty()) return why;
    std::string why = drain();
    if (!why.empty() || said_so_) return why;
    return rows_only ? unaccounted() : std::string();
  }

 private:
  std::string refused(const Error& error, const char* what) {
    // Of a header that rotted: another version, another page size; of a file without an end, none.
    said_so_ = error.code == ErrorCode::kMalformed || error.code == ErrorCode::kUnsupported ||
               error.code == ErrorCode::kNotFound;
    if (said_so_) return {};
    return std::string(what) + ": " + std::string(error.what.view()) + " " +
           std::to_string(static_cast<int>(error.code)) + " " + std::to_string(error.detail);
  }

  std::string books_differ() {
    const Account account = store_->account();
    if (!account.adds_up()) return "the account does not add up";
    const std::int64_t queued = account.total().by_fate[static_cast<std::size_t>(Fate::kQueued)];
    if (queued != static_cast<std::int64_t>(store_->status().records)) {
      return "the account's queue is not the outbox's";
    }
    return {};
  }

  std::string drain() {
    auto reader = OutboxReader::open(lives_.options().directory, store_->session(), lives_.clock(),
                                     store_->journaled(), lives_.disk());
    if (!reader) return refused(reader.error(), "the outbox can't be read");
    for (std::size_t round = 0; round < kRoundsMax; ++round) {
      const auto rows = (*reader)->ready({}, 50, 1'000'000);
      if (!rows) return refused(rows.error(), "the outbox can't be read");
      CommitGroup group;
      group.damaged = (*reader)->take_damaged();
      known_.insert(group.damaged.begin(), group.damaged.end());
      for (const OutboxRow& row : *rows) {
        if (!lives_.groups().made(row.id, row.bytes)) return "a row has other bytes";
        group.delivered.push_back(row.id);
        known_.insert(row.id);
      }
      if (rows->empty() && group.damaged.empty()) return books_differ();
      const Account before = store_->account();
      const auto done = store_->commit(group);
      if (!done) return refused(done.error(), "a commit fails");
      note_quarantined(before, group.damaged);
      if (std::string why = books_differ(); !why.empty()) return why;
    }
    return "the outbox is never empty";
  }

  // A row that an index or page lost may be left; then the account still has it, or less than it
  // took is known.
  std::string unaccounted() {
    std::map<std::string, std::uint64_t> gone;
    for (const auto& [id, row] : restarted(lives_.contents()).rows) {
      if (known_.count(id) == 0) gone[row.purpose] += row.records;
    }
    for (const auto& [purpose, records] : gone) {
      const std::int64_t left = ended(store_->account(), purpose) -
                                ended(lives_.contents().account, purpose) -
                                known_quarantined_[purpose];
      const std::int64_t told = left + count(store_->account(), purpose, Fate::kQueued);
      if (static_cast<std::int64_t>(records) <= told) continue;
      result_.lost += records - static_cast<std::uint64_t>(std::max<std::int64_t>(told, 0));
      return purpose + ": " + std::to_string(records) + " records are gone, " +
             std::to_string(told) + " are accounted for";
    }
    return {};
  }
  static std::int64_t count(const Account& account, const std::string& purpose, Fate fate) {
    const auto found = account.purposes.find(purpose);
    return found == account.purposes.end() ? 0
                                           : found->second.by_fate[static_cast<std::size_t>(fate)];
  }
  static std::int64_t ended(const Account& account, const std::string& purpose) {
    return count(account, purpose, Fate::kEvicted) + count(account, purpose, Fate::kExpired) +
           count(account, purpose, Fate::kQuarantined);
  }
  // Records of damaged rows that the reader found. Of one whose key rotted it names an id that
  // never was: what it held is among what is gone, and accounted for.
  void note_quarantined(const Account& before, const std::vector<RowId>& damaged) {
    const Contents was = restarted(lives_.contents());
    std::map<std::string, std::int64_t> of_known;
    bool all_known = true;
    for (const RowId id : damaged) {
      const auto row = was.rows.find(id);
      if (row == was.rows.end()) all_known = false;
      else of_known[row->second.purpose] += static_cast<std::int64_t>(row->second.records);
    }
    for (const auto& [purpose, counts] : store_->account().purposes) {
      const std::int64_t now = count(store_->account(), purpose, Fate::kQuarantined) -
                               count(before, purpose, Fate::kQuarantined);
      known_quarantined_[purpose] += all_known ? now : std::min(now, of_known[purpose]);
    }
  }

  StoreLives& lives_;
  FaultResult& result_;
  std::unique_ptr<Store> store_;
  std::set<RowId> known_;                                  // delivered, or reported damaged
  std::map<std::string, std::int64_t> known_quarantined_;  // by purpose
  bool said_so_ = false;
};

}  // namespace

// What lies in the log or the journal behind a place that rotted is as if it had never been: that
// is how they tell what a power cut tore. So there only what is found is judged.
void torn_rows_run(std::uint64_t seed, std::uint64_t run, FaultResult& result) {
  StoreLives lives(seed, run, run % 4 != 0);
  if (!lives.open()) return result.found("the store does not open");
  lives.commit_until(kAcknowledgedLeast + lives.dice().below(200));
  static constexpr const char* kFiles[] = {"outbox.db", "outbox.db", "outbox.db-wal",
                                           "outbox.journal"};
  const std::uint64_t which = lives.dice().below(std::size(kFiles));
  const bool rows_only = which < 2;
  if (rows_only) lives.close();
  else lives.cut_power();
  FakeFile* const file = lives.disk().file(lives.options().directory + "/" + kFiles[which]);
  if (file != nullptr) damage(*file, lives.dice());
  ++result.runs;
  ++result.control_runs;
  result.acknowledged += lives.acknowledged();
  const std::string why = Damaged(lives, result).run(rows_only);
  if (why.empty()) return;
  result.found("seed " + std::to_string(seed) + ", run " + std::to_string(run) + ", " +
               kFiles[which] + ": " + why);
}

}  // namespace sudare::faults
