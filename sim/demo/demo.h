// The demonstration: a car, its brokers and gateway, a cloud and its recipients, all on this
// machine; what happened, in figures.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/compare/compare.h"
#include "sim/demo/workplace.h"
#include "sim/error.h"
#include "sim/run.h"

namespace sudare::sim {

struct DemoOptions {
  Tools tools;
  double seconds = 60;  // about, from the first message to the table
  std::uint64_t seed = 1;
  std::vector<std::string> trips;  // files to replay; empty: a simulated car
  bool keep = false;               // leave the directory, with the ground truth in it
  bool quiet = false;              // no progress
};

struct PurposeAccount {
  std::uint64_t taken = 0;
  std::uint64_t sent = 0;                      // rows that the ground truth makes
  std::map<std::string, std::uint64_t> fates;  // as the gateway's metrics name them
  [[nodiscard]] bool adds_up() const;
};

struct ScanFigures {
  std::uint64_t identifiers = 0;
  std::uint64_t positions = 0;
  std::uint64_t bytes = 0;
};

// The drive recorder's clips.
struct ClipFigures {
  std::string purpose;         // that takes them; empty: none
  std::uint64_t made = 0;      // by the recorder
  std::uint64_t not_made = 0;  // for want of ffmpeg
  std::uint64_t opened = 0;    // by the recipient, whole
  std::uint64_t pieces = 0;    // of them: rows of the account
  ScanFigures recorder;        // the control: something must be found
  ScanFigures recipient;
};

struct DemoResult {
  RunSummary run;
  std::uint64_t planted_identifiers = 0;
  std::uint64_t planted_positions = 0;
  std::map<std::string, PurposeAccount> account;  // "" is the row for no purpose
  std::set<std::string> without_signature;        // purposes without pseudonym, as the policy says
  std::uint64_t batches = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_uplink = 0;
  Comparison comparison;  // by purpose: expected, opened, verified, lost …
  // Programs that ended with a failure, or a recipient with a batch that it could not open, a gap
  // or a fork.
  std::uint64_t failed_programs = 0;
  bool recorded = true;        // both brokers' traffic, without interruption
  ScanFigures vehicle_broker;  // the control: everything must be found
  ScanFigures cloud_broker;
  ScanFigures unit;  // state directory and logs
  ClipFigures clips;
  std::uint64_t cloud_messages = 0;
  std::string before;     // one message as the car sent it …
  std::string after;      // … and as the recipient opened it
  std::string directory;  // where it was kept; empty: removed
};

// What is off, in words; empty: nothing.
[[nodiscard]] std::vector<std::string> findings(const DemoResult& result);

[[nodiscard]] Parsed<DemoResult> run_demo(const DemoOptions& options);

}  // namespace sudare::sim
