// Incident drills: a re-enactment against the real programs hands an attacker exactly what the real
// one had, and counts what the attacker gets. Each figure has a control: the same attacker with raw
// traffic, or with the protection replaced by what is usual. A control in which the attacker does
// not succeed makes the drill worthless, and fails it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/demo/workplace.h"
#include "sim/error.h"

namespace sudare::sim::drill {

struct DrillOptions {
  Tools tools;
  std::filesystem::path source = ".";  // the repository, for `leaked-source`
  std::uint64_t seed = 1;              // cars, drives; keys are random in every run
  bool quick = false;                  // small enough for a test
  bool keep = false;                   // leave the directories, ground truth and keys included
  std::function<void(const std::string& doing)> progress;
};

enum class Must : std::uint8_t {
  kNothing,  // the attacker gets nothing; of the control at least `control_least`
  kNoticed,  // every one is noticed; in the control, where nothing happened, none
};

struct Figure {
  std::string what;
  Must must = Must::kNothing;
  std::uint64_t got = 0;
  std::uint64_t of = 0;
  std::uint64_t control = 0;
  std::uint64_t control_of = 0;
  std::uint64_t control_least = 0;  // 0: all of them
};

struct DrillReport {
  std::string name;
  std::vector<std::string> given;  // what the attacker had
  std::string control;             // what takes the protection's place
  std::vector<Figure> figures;
  std::vector<std::string> notes;    // measured beside it
  std::vector<std::string> left_in;  // directories that were kept
};

struct DrillName {
  const char* name;
  const char* about;
};
// In the order of the incidents.
[[nodiscard]] const std::vector<DrillName>& drill_names();

// What is not as it must be, in words; empty: nothing. Nothing to get (`of` 0) is no proof either.
[[nodiscard]] std::vector<std::string> off(const DrillReport& report);

[[nodiscard]] std::string table_of(const DrillReport& report);
[[nodiscard]] std::string json_of(const std::vector<DrillReport>& reports);

// The drills of these names, in this order. An error: a drill could not be held; nothing is known.
[[nodiscard]] Parsed<std::vector<DrillReport>> run_drills(const std::vector<std::string>& names,
                                                          const DrillOptions& options);

}  // namespace sudare::sim::drill
