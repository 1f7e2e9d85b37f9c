#include "fleet/explain/explain_output.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace sudare {
namespace {

using Json = nlohmann::ordered_json;

// Wider cells are cut: a table that wraps can't be read.
constexpr std::size_t kCellColumnsMax = 44;

struct Character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

// Of valid UTF-8. East Asian characters take two columns; combining ones are rare enough to be
// counted as one.
Character character_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  if (lead < 0x80) return {1, 1};
  if (lead < 0xe0) return {2, 1};
  if (lead >= 0xf0) return {4, 2};
  const bool wide = lead >= 0xe3 && lead != 0xef;  // U+3000 to U+EFFF
  const bool full_width =
      lead == 0xef && at + 1 < text.size() && static_cast<std::uint8_t>(text[at + 1]) >= 0xbc;
  return {3, wide || full_width ? std::size_t{2} : std::size_t{1}};
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    columns += character.columns;
    at += character.bytes;
  }
  return columns;
}

std::string cut(const std::string& text) {
  if (columns_of(text) <= kCellColumnsMax) return text;
  std::size_t columns = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const Character character = character_at(text, at);
    if (columns + character.columns >= kCellColumnsMax) break;
    columns += character.columns;
    at += character.bytes;
  }
  return text.substr(0, at) + "…";
}

using Row = std::vector<std::string>;

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - columns_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string rule_of(const ExplainedPurpose& purpose, const std::string& policy_file) {
  return policy_file + ":" + std::to_string(purpose.rule_line);
}

std::string cell_text(const ExplainedCell& cell) {
  if (!cell.released) return "- " + cell.why;
  if (cell.why == "kept") return cell.after;
  return cell.after + "  (" + cell.why + ")";
}

std::string clip_text(const Explanation& explanation) {
  if (!explanation.clip_named) return "";
  if (!explanation.clip_usable) return "it names no clip with a moment and a kind of event\n";
  if (explanation.clips.empty()) return "no purpose takes clips of such an event\n";
  std::string out;
  for (const ExplainedClip& clip : explanation.clips) {
    out += clip.purpose + " receives the clip from " + std::to_string(clip.from_ms) + " to " +
           std::to_string(clip.to_ms) + " ms as " + clip.profile +
           (clip.sound ? ", with sound\n" : ", without sound\n");
  }
  return out;
}

Json clips_json(const Explanation& explanation) {
  Json out = Json::array();
  for (const ExplainedClip& clip : explanation.clips) {
    out.push_back({{"purpose", clip.purpose},
                   {"profile", clip.profile},
                   {"from_ms", clip.from_ms},
                   {"to_ms", clip.to_ms},
                   {"sound", clip.sound}});
  }
  return out;
}

}  // namespace

std::string explanation_table(const Explanation& explanation, const std::string& policy_file) {
  std::string out = Json(explanation.topic).dump(-1, ' ', false, Json::error_handler_t::replace) +
                    " at " + std::to_string(explanation.time_ms) + "\n";
  if (!explanation.topic_is_named) {
    return out + "no source of the policy has this topic: nothing of it leaves\n";
  }
  if (explanation.purposes.empty()) out += "no rule releases anything of this topic\n";
  for (const ExplainedPurpose& purpose : explanation.purposes) {
    out += purpose.name + ", " + rule_of(purpose, policy_file) + ": ";
    if (purpose.fate == Fate::kQueued) {
      out += "released\n";
    } else {
      out += std::string(literal_of(purpose.fate).view()) + ", " +
             std::string(literal_of(purpose.reason).view()) +
             (purpose.detail.empty() ? "" : " (" + purpose.detail + ")") + "\n";
    }
  }
  out += clip_text(explanation);
  if (!explanation.readable) out += "the payload can't be read: its fields can't be told\n";
  std::vector<Row> rows{{"field", "before"}};
  for (const ExplainedPurpose& purpose : explanation.purposes) rows[0].push_back(purpose.name);
  for (const ExplainedField& field : explanation.fields) {
    Row row{cut(field.path), cut(field.before)};
    for (const ExplainedCell& cell : field.cells) row.push_back(cut(cell_text(cell)));
    if (explanation.purposes.empty()) row.emplace_back("- no rule names it");
    rows.push_back(std::move(row));
  }
  return out + "\n" + aligned(rows);
}

std::string explanation_json(const Explanation& explanation, const std::string& policy_file) {
  Json out;
  out["topic"] = explanation.topic;
  out["time_ms"] = explanation.time_ms;
  out["purposes"] = Json::array();
  for (const ExplainedPurpose& purpose : explanation.purposes) {
    const bool released = purpose.fate == Fate::kQueued;
    const Json reason =
        released ? Json(nullptr) : Json(std::string(literal_of(purpose.reason).view()));
    out["purposes"].push_back(
        {{"purpose", purpose.name},
         {"fate", released ? "released" : std::string(literal_of(purpose.fate).view())},
         {"reason", reason},
         {"rule", rule_of(purpose, policy_file)}});
  }
  if (explanation.clip_named) out["clips"] = clips_json(explanation);
  out["fields"] = Json::array();
  for (const ExplainedField& field : explanation.fields) {
    Json line{{"path", field.path}, {"before", field.before}, {"purposes", Json::object()}};
    for (std::size_t i = 0; i < field.cells.size() && i < explanation.purposes.size(); ++i) {
      const ExplainedCell& cell = field.cells[i];
      line["purposes"][explanation.purposes[i].name] = {
          {"released", cell.released},
          {"after", cell.released ? Json(cell.after) : Json(nullptr)},
          {"why", cell.why}};
    }
    out["fields"].push_back(std::move(line));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sudare
