#include "tests/faults/campaign/report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace sudare::faults {
namespace {

using nlohmann::json;

// Fewer messages at stake would show nothing.
constexpr std::uint64_t kAcknowledgedPerRun = 100;

json to_object(const FaultReport& fault) {
  const FaultResult& result = fault.result;
  return {{"name", fault.name},
          {"runs", result.runs},
          {"acknowledged", result.acknowledged},
          {"lost", result.lost},
          {"forgotten_by_cloud", result.forgotten},
          {"duplicated", result.duplicated},
          {"plaintext", result.plaintext},
          {"control_runs", result.control_runs},
          {"control_lost", result.control_lost},
          {"seed", fault.seed},
          {"findings", result.findings}};
}

FaultReport from_object(const json& object) {
  FaultReport fault;
  fault.name = object.at("name");
  fault.seed = object.at("seed");
  FaultResult& result = fault.result;
  result.runs = object.at("runs");
  result.acknowledged = object.at("acknowledged");
  result.lost = object.at("lost");
  result.forgotten = object.at("forgotten_by_cloud");
  result.duplicated = object.at("duplicated");
  result.plaintext = object.at("plaintext");
  result.control_runs = object.at("control_runs");
  result.control_lost = object.at("control_lost");
  result.findings = object.at("findings").get<std::vector<std::string>>();
  return fault;
}

std::string row(const std::vector<std::string>& cells) {
  char line[200];
  std::snprintf(line, sizeof line, "%-22s %8s %12s %6s %6s %6s %9s  %s\n", cells[0].c_str(),
                cells[1].c_str(), cells[2].c_str(), cells[3].c_str(), cells[4].c_str(),
                cells[5].c_str(), cells[6].c_str(), cells[7].c_str());
  return line;
}

}  // namespace

FaultReport& CampaignReport::of(const std::string& name, std::uint64_t seed) {
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [&](const FaultReport& one) { return one.name == name; });
  if (found != faults.end()) return *found;
  faults.push_back({name, seed, {}});
  return faults.back();
}

std::string verdict(const FaultResult& result) {
  if (result.lost > 0) return "LOST";
  if (result.duplicated > 0) return "TWICE";
  if (result.plaintext > 0) return "PLAINTEXT";
  if (!result.findings.empty()) return "FINDINGS";
  if (result.runs == 0) return "no run";
  if (result.acknowledged < kAcknowledgedPerRun * result.runs) return "too little acknowledged";
  if (result.control_lost == 0) return "the control lost nothing";
  return "";
}

std::string to_json(const CampaignReport& report) {
  json faults = json::array();
  for (const FaultReport& fault : report.faults) faults.push_back(to_object(fault));
  return json{{"commit", report.commit}, {"faults", faults}}.dump(1) + "\n";
}

CampaignReport read_report(const std::filesystem::path& file, const std::string& commit) {
  CampaignReport report;
  report.commit = commit;
  std::ifstream in(file);
  const json document = json::parse(in, nullptr, false);
  if (document.is_discarded() || document.value("commit", "") != commit) return report;
  try {
    for (const json& object : document.at("faults")) {
      report.faults.push_back(from_object(object));
    }
  } catch (const json::exception&) {
    report.faults.clear();
  }
  return report;
}

void write_report(const std::filesystem::path& file, const CampaignReport& report) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream out(fresh, std::ios::trunc);
  out << to_json(report);
  out.close();
  if (!out) throw std::runtime_error("can't write " + fresh.string());
  std::filesystem::rename(fresh, file);
}

std::string table(const CampaignReport& report) {
  std::string text =
      row({"fault", "runs", "acknowledged", "lost", "twice", "plain", "control", "verdict"});
  for (const FaultReport& fault : report.faults) {
    const FaultResult& result = fault.result;
    const std::string wrong = verdict(result);
    text += row({fault.name, std::to_string(result.runs), std::to_string(result.acknowledged),
                 std::to_string(result.lost), std::to_string(result.duplicated),
                 std::to_string(result.plaintext), std::to_string(result.control_lost),
                 wrong.empty() ? "ok" : wrong});
    for (const std::string& finding : result.findings) text += "    " + finding + "\n";
  }
  return text;
}

}  // namespace sudare::faults
