#include "tests/faults/disk/store_lives.h"

#include <utility>

#include "gateway/store/outbox_reader.h"

namespace sudare::faults {
namespace {

constexpr const char* kDirectory = "/car/state";
constexpr std::uint64_t kQuotaBytes = kQuotaBytesMin;
constexpr std::uint64_t kReserveBytes = kQuotaBytes / 8;
constexpr std::size_t kFailedCommitsMax = 200;
constexpr std::size_t kDrainRoundsMax = 10'000;

}  // namespace

StoreLives::StoreLives(std::uint64_t seed, std::uint64_t run, bool with_journal)
    : dice_(seed, run),
      disk_(dice_.number()),
      options_{kDirectory, kQuotaBytes, kReserveBytes,
               with_journal ? journal_bytes_for(kQuotaBytes) : 0, &disk_},
      groups_(dice_) {}

void StoreLives::find(std::string what) {
  if (finding_.empty()) finding_ = std::move(what);
}

bool StoreLives::open() {
  clock_.advance_ms(static_cast<std::int64_t>(dice_.below(60'000)));
  clock_.set_monotonic_ms(500);
  options_.create = acknowledged_ == 0;  // as a unit: made once, by provisioning
  auto opened = Store::open(options_, clock_);
  if (!opened) {
    error_ = opened.error();
    return false;
  }
  // In its last step, a checkpoint, whose failure is none of the start's.
  if (disk_.stopped()) return false;
  store_ = std::move(*opened);
  compare_after_start();
  return true;
}

void StoreLives::compare_after_start() {
  const auto found = contents_of(*store_, options_);
  if (!found) return find("the tables can't be read after a start");
  std::string why = difference(restarted(now_), *found);
  maybe_.push_back(partly_delivered(*found));
  for (const Contents& other : maybe_) {
    if (why.empty()) break;
    if (difference(restarted(other), *found).empty()) why.clear();
  }
  if (!why.empty()) {
    const std::uint64_t before = now_.taken();
    lost_ += before > found->taken() ? before - found->taken() : 1;
    find("after a start: " + why);
  }
  maybe_.clear();
  perhaps_delivered_.clear();
  now_ = *found;
}

bool StoreLives::commit() {
  clock_.advance_ms(static_cast<std::int64_t>(dice_.below(dice_.once_in(50) ? 7'200'000 : 3000)));
  const CommitGroup group = groups_.next(now_);
  const bool done = store_->commit(group).has_value();
  if (disk_.stopped()) {
    remember(group, false);
    return false;
  }
  remember(group, done);
  return done;
}

// Rows that were delivered may go in a transaction of their own before the rest, which then fails.
Contents StoreLives::partly_delivered(const Contents& found) const {
  CommitGroup group;
  for (const RowId id : perhaps_delivered_) {
    if (found.rows.count(id) == 0) group.delivered.push_back(id);
  }
  return applied(now_, group);
}

void StoreLives::remember(const CommitGroup& group, bool done) {
  const Contents after = applied(now_, group);
  perhaps_delivered_ = group.delivered;
  if (disk_.stopped()) {
    maybe_.push_back(after);
    return;
  }
  const auto found = contents_of(*store_, options_);
  if (!found) return find("the tables can't be read after a commit");
  const std::string why = difference(done ? after : partly_delivered(*found), *found);
  if (!why.empty()) find((done ? "after a commit: " : "after a failed commit: ") + why);
  if (done) {
    acknowledged_ += group.account.total().taken;
    maybe_.clear();
  } else {
    maybe_.push_back(after);
  }
  now_ = *found;
}

void StoreLives::commit_until(std::uint64_t acknowledged) {
  std::size_t failed = 0;
  while (acknowledged_ < acknowledged && !disk_.stopped() && finding_.empty()) {
    if (commit() || disk_.stopped()) continue;
    // A clip that finds no room is dropped by the next group or the one after.
    // One step in twenty that fails leaves a long commit no chance: then the disk gets well.
    if (++failed == kFailedCommitsMax) disk_.fail_once_in(0);
    if (failed > 2 * kFailedCommitsMax) return find("commits fail for ever");
  }
}

void StoreLives::close() {
  store_.reset();
  disk_.start_after_kill();
}

void StoreLives::kill() {
  disk_.stop();
  store_.reset();
  disk_.start_after_kill();
}

void StoreLives::cut_power() {
  disk_.stop();
  store_.reset();
  disk_.start_after_power_cut();
}

void StoreLives::drain() {
  auto reader =
      OutboxReader::open(options_.directory, store_->session(), clock_, store_->journaled(), disk_);
  if (!reader) return find("the outbox can't be read");
  for (std::size_t round = 0; round < kDrainRoundsMax; ++round) {
    clock_.advance_ms(1);
    const auto rows = (*reader)->ready({}, 50, 1'000'000);
    if (!rows) return find("the outbox can't be read");
    if (!(*reader)->take_damaged().empty()) return find("a row is damaged");
    CommitGroup group;
    for (const OutboxRow& row : *rows) {
      if (!groups_.made(row.id, row.bytes)) find("a row has other bytes");
      group.delivered.push_back(row.id);
    }
    if (rows->empty()) break;
    if (!store_->commit(group)) return find("what was delivered can't be deleted");
  }
  if (store_->status().rows != 0) find("rows are left that nothing sends");
  if (store_->account().total().by_fate[static_cast<std::size_t>(Fate::kQueued)] != 0) {
    find("the account's queue is not empty");
  }
}

}  // namespace sudare::faults
