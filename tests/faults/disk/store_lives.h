// A store on a fake disk over several lives of its process: commits, an end that the dice choose,
// and what the next life finds compared with what commit() had promised.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/store/store.h"
#include "tests/faults/disk/contents.h"
#include "tests/faults/disk/dice.h"
#include "tests/faults/disk/fake_disk.h"
#include "tests/faults/disk/groups.h"
#include "tests/testkit/manual_clock.h"

namespace sudare::faults {

class StoreLives {
 public:
  StoreLives(std::uint64_t seed, std::uint64_t run, bool with_journal);

  [[nodiscard]] FakeDisk& disk() { return disk_; }
  [[nodiscard]] Dice& dice() { return dice_; }

  // False: not opened; `error()` says why where the disk has not stopped. Where it is, what it
  // holds is compared with what it should.
  bool open();
  // False: it failed; the disk may have stopped.
  bool commit();
  // Commits until so many records were acknowledged since the first life, or the disk stopped.
  void commit_until(std::uint64_t acknowledged);
  // The process ends as it should.
  void close();
  // The process is killed, or the power is gone: a cut that has not happened yet happens now.
  void kill();
  void cut_power();
  // Every row that is there, each with its own bytes, is delivered: the queue is empty then.
  void drain();

  [[nodiscard]] Store* store() { return store_.get(); }
  [[nodiscard]] const StoreOptions& options() const { return options_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const Groups& groups() const { return groups_; }
  [[nodiscard]] const Contents& contents() const { return now_; }
  // Records of commits that returned.
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] const Error& error() const { return error_; }
  // What differed, empty where nothing did. Nothing goes on after the first.
  [[nodiscard]] const std::string& finding() const { return finding_; }

 private:
  void find(std::string what);
  void compare_after_start();
  [[nodiscard]] Contents partly_delivered(const Contents& found) const;
  void remember(const CommitGroup& group, bool done);

  Dice dice_;
  FakeDisk disk_;
  testkit::ManualClock clock_;
  StoreOptions options_;
  Groups groups_;
  std::unique_ptr<Store> store_;
  Contents now_;                 // after the last commit that returned
  std::vector<Contents> maybe_;  // after ones that did not: they may be found, too
  std::vector<RowId> perhaps_delivered_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t lost_ = 0;
  Error error_{ErrorCode::kInternal, "none"};
  std::string finding_;
};

}  // namespace sudare::faults
