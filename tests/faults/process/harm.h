// What the faults of this folder have in common: randomness that can be had again, threads,
// and the verdict on a unit that was harmed.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/faults/campaign/fault.h"
#include "tests/faults/process/arrivals.h"
#include "tests/faults/rig/canary.h"
#include "tests/system/gateway/unit.h"

namespace sudare::faults {

using std::chrono::milliseconds;

// Everything random in a run follows from this.
std::mt19937_64 random_of(std::uint64_t seed, std::uint64_t run);
// From 0 to before `end`.
std::uint64_t below(std::mt19937_64& random, std::uint64_t end);

// Does `jobs` jobs on `threads` threads. A job starts all its processes itself: they end with the
// thread. What it throws becomes a finding. The results' sum.
FaultResult in_parallel(std::uint64_t jobs, unsigned threads,
                        const std::function<FaultResult(std::uint64_t job)>& work);

// The runs of a campaign, in lots that share a unit; the control's, too, whose losses become
// control_lost. `threads`: how many lots at a time.
struct Lot {
  std::uint64_t first = 0;  // run
  std::uint64_t end = 0;
  std::uint64_t seed = 0;
  bool control = false;
  std::string what = {};                   // is done in it; empty: the same to all
  [[nodiscard]] std::string name() const;  // "seed 7, runs 100 to 199"
};
struct Plan {
  std::uint64_t runs_of_lot = 0;   // at most
  std::uint64_t control_runs = 0;  // at most
  unsigned threads = 1;
};
FaultResult run_in_lots(const FaultOptions& options, const Plan& plan,
                        const std::function<FaultResult(const Lot&)>& work);

// Whether a gateway that was just started has reached the in-vehicle broker: cheaper than asking
// its status page.
bool connected(const testkit::Unit& unit);
// Waits for that, and says how long it took: a measure of the machine's speed, or its emulator's.
// Throws if it does not happen.
std::chrono::milliseconds until_connected(const testkit::Unit& unit);
// Of the status page, "sudare_queue_rows"; -1 where there is none.
double metric(const testkit::Unit& unit, const std::string& name);

// Numbers that were published: [first, end).
using Numbers = std::pair<std::uint64_t, std::uint64_t>;

// The verdict: starts the real gateway unharmed, waits until everything in `published` has arrived,
// stops it, and counts what is missing, canaries that lie about, core files, and an account that
// does not add up. `where` begins each finding. Of the control, only what is missing.
void settle(testkit::Unit& unit, Arrivals& arrivals, std::span<const Numbers> published,
            const Lot& lot, FaultResult& result);
// Parts of it.
void find_plaintext(const testkit::Unit& unit, const std::string& where, FaultResult& result);
void find_missing(const Arrivals& arrivals, std::span<const Numbers> published, const Lot& lot,
                  FaultResult& result);
// Of a car that asks for receipts.
void find_repeated(const Arrivals& arrivals, const Lot& lot, FaultResult& result);
// Core files can be written from now on, so that one would be found.
void allow_core_files();

}  // namespace sudare::faults
