#include "tests/faults/disk/disk.h"
#include "tests/faults/disk/store_lives.h"

namespace sudare::faults {
namespace {

constexpr std::uint64_t kAcknowledgedLeast = 100;
constexpr int kLivesMost = 4;

std::string where(std::uint64_t seed, std::uint64_t run) {
  return "seed " + std::to_string(seed) + ", run " + std::to_string(run) + ": ";
}

// Ends a life in one of the ways that a process ends. Where it had to stop within a step, too, it
// may have been killed there: what it wrote is seen, and no more on the disk than before.
void end(StoreLives& lives, bool last) {
  const std::uint64_t way = last ? 0 : lives.dice().below(8);
  if (way < 5) lives.cut_power();
  else if (way < 7 || lives.disk().stopped()) lives.kill();
  else lives.close();
}

// A life that may end in its very start: a cut during recovery.
void live(StoreLives& lives, std::uint64_t until) {
  if (lives.dice().once_in(2)) lives.disk().cut_power_in(lives.dice().between(1, 60));
  if (lives.dice().once_in(3)) lives.disk().fail_once_in(lives.dice().between(20, 200));
  if (lives.open()) {
    lives.commit_until(until);
    // The cut comes somewhere in the next commits.
    if (!lives.disk().stopped() && lives.finding().empty()) {
      lives.disk().cut_power_in(lives.dice().between(1, 80));
      lives.commit_until(until + 1000);
    }
  }
  lives.disk().fail_once_in(0);
}

}  // namespace

void power_cut_run(std::uint64_t seed, std::uint64_t run, bool lying, FaultResult& result) {
  StoreLives lives(seed, run, run % 4 != 0);
  std::uint64_t until = kAcknowledgedLeast;
  const auto count = static_cast<int>(lives.dice().between(1, kLivesMost));
  for (int life = 0; life < count && lives.finding().empty(); ++life) {
    if (life == count - 1) lives.disk().set_lying(lying);
    live(lives, until);
    until += 40;
    end(lives, life == count - 1);
  }
  lives.disk().set_lying(false);
  const bool opened = lives.finding().empty() && lives.open();
  if (opened && lives.finding().empty() && lives.acknowledged() < kAcknowledgedLeast) {
    lives.commit_until(kAcknowledgedLeast);
    lives.cut_power();
    static_cast<void>(lives.open());
  }
  if (opened && lives.finding().empty()) lives.drain();
  if (lying) {
    ++result.control_runs;
    result.control_lost += !opened ? lives.contents().taken() : lives.lost();
    return;
  }
  ++result.runs;
  result.acknowledged += lives.acknowledged();
  result.lost += lives.lost();
  if (!opened && lives.finding().empty()) {
    result.lost += lives.contents().taken();
    result.found(where(seed, run) + "does not open: " + std::string(lives.error().what.view()) +
                 " " + std::to_string(lives.error().detail));
  }
  if (!lives.finding().empty()) result.found(where(seed, run) + lives.finding());
}

}  // namespace sudare::faults
