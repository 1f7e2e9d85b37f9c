#include <nlohmann/json.hpp>

#include "sim/drill/drill.h"
#include "sim/page/text.h"

namespace sudare::sim::drill {

namespace {

constexpr std::size_t kWhatColumns = 52;
constexpr std::size_t kCountColumns = 17;

std::string of(std::uint64_t got, std::uint64_t all) {
  return std::to_string(got) + " of " + std::to_string(all);
}

std::uint64_t control_least(const Figure& figure) {
  return figure.control_least > 0 ? figure.control_least : figure.control_of;
}

}  // namespace

std::vector<std::string> off(const DrillReport& report) {
  std::vector<std::string> all;
  const auto add = [&](const Figure& figure, const std::string& text) {
    all.push_back(report.name + ": " + figure.what + ": " + text);
  };
  if (report.figures.empty()) all.push_back(report.name + ": nothing was counted");
  for (const Figure& figure : report.figures) {
    const bool noticed = figure.must == Must::kNoticed;
    if (figure.of == 0) add(figure, "there was nothing to get, so nothing is shown");
    if (figure.control_of == 0) add(figure, "the control had nothing to get");
    if (!noticed && figure.got > 0) add(figure, "the attacker got " + of(figure.got, figure.of));
    if (noticed && figure.got < figure.of) {
      add(figure, "noticed " + of(figure.got, figure.of));
    }
    if (!noticed && figure.control < control_least(figure)) {
      add(figure, "the control got " + of(figure.control, figure.control_of) +
                      ": an attacker this weak proves nothing");
    }
    if (noticed && figure.control > 0) {
      add(figure, "noticed where nothing had happened: " + of(figure.control, figure.control_of));
    }
  }
  return all;
}

std::string table_of(const DrillReport& report) {
  std::string text = report.name + "\n\n";
  const char* head = "  the attacker had  ";
  for (const std::string& given : report.given) {
    text += head + given + "\n";
    head = "                    ";
  }
  text += "  control           " + report.control + "\n\n";
  text += "  " + left("", kWhatColumns) + right("got", kCountColumns) +
          right("control", kCountColumns) + "\n";
  for (const Figure& figure : report.figures) {
    text += "  " + left(figure.what, kWhatColumns) +
            right(of(figure.got, figure.of), kCountColumns) +
            right(of(figure.control, figure.control_of), kCountColumns) +
            (figure.must == Must::kNoticed ? "   (all must be noticed)" : "") + "\n";
  }
  for (const std::string& note : report.notes) text += "\n  " + note;
  if (!report.notes.empty()) text += "\n";
  for (const std::string& directory : report.left_in) {
    text += "\n  Kept, with keys and ground truth in it: " + directory + "\n";
  }
  const auto findings = off(report);
  text += findings.empty() ? "\n  As it must be.\n" : "\n  Not as it must be:\n";
  for (const std::string& finding : findings) text += "    " + finding + "\n";
  return text + "\n";
}

std::string json_of(const std::vector<DrillReport>& reports) {
  nlohmann::ordered_json json;
  json["drills"] = nlohmann::ordered_json::array();
  for (const DrillReport& report : reports) {
    nlohmann::ordered_json one = {
        {"name", report.name},       {"given", report.given},
        {"control", report.control}, {"figures", nlohmann::ordered_json::array()},
        {"notes", report.notes},     {"off", off(report)}};
    for (const Figure& figure : report.figures) {
      one["figures"].push_back({{"what", figure.what},
                                {"must", figure.must == Must::kNoticed ? "noticed" : "nothing"},
                                {"got", figure.got},
                                {"of", figure.of},
                                {"control", figure.control},
                                {"control_of", figure.control_of},
                                {"control_least", control_least(figure)}});
    }
    json["drills"].push_back(std::move(one));
  }
  return json.dump() + "\n";
}

}  // namespace sudare::sim::drill
