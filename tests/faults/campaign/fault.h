// What a class of fault is to the campaign (./dev faults) and to the tests: something that runs the
// real programs so many times, does harm to them each time, and counts what that cost.
//
// Each area of faults is a folder beside this one, tests/faults/<area>/, with a library
// sudare_faults_<area> whose header <area>.h declares `std::vector<Fault> <area>_faults()`, and
// <area>_test.cc, which runs each of them for its short_runs and expects_clean() of the result.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace sudare::faults {

struct FaultOptions {
  std::uint64_t runs = 0;
  std::uint64_t seed = 0;           // everything random follows from it and the run's number
  std::filesystem::path directory;  // empty, the fault's own; left behind where something failed
  std::function<void(std::uint64_t done)> progress;  // runs so far; may be empty
  bool full_size = false;  // ./dev faults --long: of faults whose short version is smaller
};

// Findings that are kept word for word; the counters count all.
inline constexpr std::size_t kFindingsMax = 20;

struct FaultResult {
  std::uint64_t runs = 0;          // faults that were done to the program
  std::uint64_t acknowledged = 0;  // messages that the gateway acknowledged: what it answers for
  // Of these: neither with the recipient, nor queued, nor in the account with a reason.
  std::uint64_t lost = 0;
  // Of these: acknowledged by the cloud broker, as a witness on the wire saw, and gone from there.
  std::uint64_t forgotten = 0;
  // Of producers that number their messages (sudare-seq): opened twice, repeated batches aside.
  std::uint64_t duplicated = 0;
  // Canaries (canary.h) in state, logs, captures, images, swap, core files.
  std::uint64_t plaintext = 0;
  // What the same harm costs a program that acknowledges first, or does not sync. Must not be 0.
  std::uint64_t control_runs = 0;
  std::uint64_t control_lost = 0;
  // What went wrong and how to see it again: "seed 7, run 12: 3 lost …". Anything here is a failure
  // too: a start that failed, an account that does not add up.
  std::vector<std::string> findings;

  void add(const FaultResult& more) {
    runs += more.runs;
    acknowledged += more.acknowledged;
    lost += more.lost;
    forgotten += more.forgotten;
    duplicated += more.duplicated;
    plaintext += more.plaintext;
    control_runs += more.control_runs;
    control_lost += more.control_lost;
    for (const std::string& text : more.findings) found(text);
  }
  void found(std::string text) {
    if (findings.size() < kFindingsMax) findings.push_back(std::move(text));
  }
};

struct Fault {
  std::string name;              // "kill-gateway": as in the report and for --only
  std::string what;              // one line: the harm, and what the control is
  std::uint64_t short_runs = 0;  // in ./dev test: seconds
  std::uint64_t long_runs = 0;   // in ./dev faults --long
  std::function<FaultResult(const FaultOptions&)> run;
};

}  // namespace sudare::faults
