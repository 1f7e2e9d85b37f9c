// What came of a run with a unit on the bench. See judge.h.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/compare/compare.h"
#include "sim/judge/clock_offset.h"

namespace sudare::sim {

inline constexpr std::size_t kExamplesMax = 3;

struct Latency {
  std::uint64_t batches = 0;  // of which a record is known by its message
  std::int64_t p50_ms = 0;    // from the sending of the newest message in a batch to its arrival
  std::int64_t p99_ms = 0;
};

struct PurposeJudgement {
  bool opened = false;  // a key is here: what follows `bytes` counts
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unopened = 0;      // that should have opened
  std::uint64_t other_policy = 0;  // batches of another policy than the one given
  std::uint64_t chunks = 0;        // pieces of clips
  std::uint64_t gaps = 0;          // missing record numbers, below the greatest that came
  std::uint64_t told_lost = 0;     // records that the unit says it gave up (evicted, expired, …)
  std::uint64_t forks = 0;
  std::uint64_t raw_identifiers = 0;  // planted ones that the cloud received in the clear
  std::uint64_t raw_positions = 0;
  Latency latency;
  std::optional<PurposeComparison> compared;  // with key and policy
  // The first kExamplesMax of either, for people: which message, which topic and time.
  std::vector<std::string> lost_examples;
  std::vector<std::string> unexpected_examples;  // duplicated or altered
};

struct Judgement {
  std::map<std::string, PurposeJudgement> purposes;  // "": on a topic that is no unit's
  bool complete = true;                              // all that the cloud had was received
  std::uint64_t early = 0;        // batches that came before the car began: not judged
  std::uint64_t other_units = 0;  // records under pseudonyms of which none was expected
  std::map<std::string, std::uint64_t> damaged;  // messages by kind of damage
  std::optional<ClockOffset> clock;  // nothing: neither key nor policy, or no time of receipt
  bool clock_measurable = false;     // the policy releases times of receipt
  std::int64_t settled_ms = 0;       // how long it waited after the last message
  std::int64_t settle_ms_max = 0;

  // Nothing lost, duplicated, altered or leaked; no batch that did not open, no gap, no fork.
  [[nodiscard]] bool clean() const;
};

// The table for people, and what it means where that is not plain from it.
void print_judgement(const Judgement& judgement);
// The same for programs: an object.
[[nodiscard]] nlohmann::json judgement_json(const Judgement& judgement);

}  // namespace sudare::sim
