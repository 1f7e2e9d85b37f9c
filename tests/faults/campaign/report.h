// What a campaign has found so far, in one file: written after every few runs, so that one that is
// interrupted goes on where it was (--resume), as long as the commit is the same.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/faults/campaign/fault.h"

namespace sudare::faults {

struct FaultReport {
  std::string name;
  std::uint64_t seed = 0;  // of the first runs
  FaultResult result;
};

struct CampaignReport {
  std::string commit;
  std::vector<FaultReport> faults;

  // One of this name; a new one where there is none.
  [[nodiscard]] FaultReport& of(const std::string& name, std::uint64_t seed);
};

// Why it is not as it must be; empty: it is.
[[nodiscard]] std::string verdict(const FaultResult& result);

// {commit, faults: [{name, runs, acknowledged, lost, forgotten_by_cloud, duplicated, plaintext,
// control_runs, control_lost, seed, findings}]}
[[nodiscard]] std::string to_json(const CampaignReport& report);
// Nothing where the file is missing, damaged, or of another commit.
[[nodiscard]] CampaignReport read_report(const std::filesystem::path& file,
                                         const std::string& commit);
// By a new file in its place. Throws std::runtime_error.
void write_report(const std::filesystem::path& file, const CampaignReport& report);

// A table for people.
[[nodiscard]] std::string table(const CampaignReport& report);

}  // namespace sudare::faults
