// An access list of Mosquitto's (acl_file in mosquitto.conf(5)): who may read and write which
// topics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fleet/doctor/mosquitto_config.h"

namespace sudare::doctor {

inline constexpr std::size_t kAclRulesMax = 4096;

struct AclRule {
  Place place;
  std::string user;      // empty: clients without a name; "*": every client ("pattern")
  bool pattern = false;  // %u and %c in the filter stand for the client's own names
  bool read = false;
  bool write = false;  // neither: denied
  std::string filter;
};

struct AclFile {
  std::vector<AclRule> rules;
  std::vector<BrokerComplaint> complaints;
};

// Pure.
[[nodiscard]] AclFile parse_acl(const NamedText& file);

// Whether every topic that `narrow` matches is one that `wide` matches. Topics that begin with "$"
// are not told apart. Pure.
[[nodiscard]] bool covers(std::string_view wide, std::string_view narrow);

// Whether there is a topic that both match. Pure.
[[nodiscard]] bool overlaps(std::string_view a, std::string_view b);

// What a rule's filter matches at most, for whoever it may be: in a pattern, a level with %u or %c
// is "+". Pure.
[[nodiscard]] std::string widest_filter(const AclRule& rule);

}  // namespace sudare::doctor
