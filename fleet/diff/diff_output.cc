#include "fleet/diff/diff_output.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/printable.h"

namespace sudare {
namespace {

struct Group {
  DiffEffect effect;
  const char* name;
  const char* title;
};
constexpr std::array<Group, 3> kGroups = {{{DiffEffect::kMore, "more", "releases more"},
                                           {DiffEffect::kLess, "less", "releases less"},
                                           {DiffEffect::kOther, "other", "other changes"}}};

}  // namespace

std::string diff_text(const std::vector<PolicyChange>& changes) {
  if (changes.empty()) return "no difference in what is released\n";
  std::string out;
  for (const Group& group : kGroups) {
    bool first = true;
    for (const PolicyChange& change : changes) {
      if (change.effect != group.effect) continue;
      if (first) out.append(group.title).append(":\n");
      first = false;
      out += "  ";
      if (!change.where.empty()) out += printable(change.where) + ": ";
      out += printable(change.text) + "\n";
    }
  }
  return out;
}

std::string diff_json(const std::vector<PolicyChange>& changes) {
  constexpr bool kAscii = true;
  std::string out;
  for (const Group& group : kGroups) {
    for (const PolicyChange& change : changes) {
      if (change.effect != group.effect) continue;
      const nlohmann::ordered_json line{
          {"effect", group.name}, {"where", change.where}, {"text", change.text}};
      out += line.dump(-1, ' ', kAscii, nlohmann::json::error_handler_t::replace) + "\n";
    }
  }
  return out;
}

}  // namespace sudare
