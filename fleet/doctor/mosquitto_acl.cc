#include "fleet/doctor/mosquitto_acl.h"

#include <algorithm>

namespace sudare::doctor {
namespace {

std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

bool is_access(std::string_view word) {
  return word == "read" || word == "write" || word == "readwrite" || word == "deny";
}

void read_rule(std::string_view line, AclRule& rule) {
  std::string_view rest = line;
  const std::string_view access = take_until(rest, ' ');
  const bool named = is_access(access) && !rest.empty();
  if (named) rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  rule.filter = named ? rest : line;
  rule.read = !named || access == "read" || access == "readwrite";
  rule.write = !named || access == "write" || access == "readwrite";
}

}  // namespace

AclFile parse_acl(const NamedText& file) {
  AclFile acl;
  std::string user;
  std::string_view rest = file.text;
  Place place{file.name, 0};
  while (!rest.empty()) {
    ++place.line;
    std::string_view line = take_until(rest, '\n');
    line = line.substr(0, line.find_last_not_of(" \t\r\v\f") + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string_view kind = take_until(line, ' ');
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (kind == "user" && !line.empty()) {
      user = line;
    } else if ((kind == "topic" || kind == "pattern") && !line.empty() &&
               acl.rules.size() < kAclRulesMax) {
      AclRule& rule = acl.rules.emplace_back();
      rule.place = place;
      rule.pattern = kind == "pattern";
      rule.user = rule.pattern ? std::string("*") : user;
      read_rule(line, rule);
    } else if (acl.complaints.size() < kBrokerComplaintsMax) {
      acl.complaints.push_back({place, "neither user nor topic nor pattern"});
    }
  }
  return acl;
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (wide == "+/#") return true;  // "#" matches the level above it, too
  for (;;) {
    if (wide == "#") return true;
    const bool wide_ends = wide.find('/') == std::string_view::npos;
    const bool narrow_ends = narrow.find('/') == std::string_view::npos;
    const std::string_view a = take_until(wide, '/');
    const std::string_view b = take_until(narrow, '/');
    if (b == "#" || (a != "+" && a != b)) return false;
    if (narrow_ends) return wide_ends || wide == "#";  // "a/#" matches "a"
    if (wide_ends) return false;
  }
}

bool overlaps(std::string_view a, std::string_view b) {
  for (;;) {
    if (a == "#" || b == "#") return true;
    const bool a_ends = a.find('/') == std::string_view::npos;
    const bool b_ends = b.find('/') == std::string_view::npos;
    const std::string_view one = take_until(a, '/');
    const std::string_view other = take_until(b, '/');
    if (one == "#" || other == "#") return true;
    if (one != other && one != "+" && other != "+") return false;
    if (a_ends || b_ends) {  // "a/#" matches "a"
      return (a_ends && b_ends) || (a_ends ? b == "#" : a == "#");
    }
  }
}

std::string widest_filter(const AclRule& rule) {
  if (!rule.pattern) return rule.filter;
  std::string widest;
  std::string_view rest = rule.filter;
  for (bool more = true; more;) {
    more = rest.find('/') != std::string_view::npos;
    const std::string_view level = take_until(rest, '/');
    const bool own = level.find("%u") != level.npos || level.find("%c") != level.npos;
    widest += own ? std::string_view("+") : level;
    if (more) widest += '/';
  }
  return widest;
}

}  // namespace sudare::doctor
