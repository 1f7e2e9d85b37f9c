#include <algorithm>
#include <set>

#include "fleet/doctor/check_broker_config.h"

namespace sudare::doctor {
namespace {

constexpr const char* kUplink = "sudare/1/#";

std::string name_of(const AclRule& rule) {
  if (rule.user == "*") return "every client";
  return rule.user.empty() ? "a client without a name" : "user " + rule.user;
}

bool is_anybody(const AclRule& rule) { return rule.user == "*" || rule.user.empty(); }

// A topic deny of the same user goes before whatever else the file says of the user.
bool is_denied(const AclFile& acl, const std::string& user, const std::string& filter) {
  return std::any_of(acl.rules.begin(), acl.rules.end(), [&](const AclRule& one) {
    return one.user == user && !one.read && !one.write && covers(one.filter, filter) &&
           (!one.pattern || one.filter.find('%') == std::string::npos);
  });
}

bool reaches(const AclFile& acl, const AclRule& rule, const std::string& filter) {
  return overlaps(widest_filter(rule), filter) && !is_denied(acl, rule.user, filter);
}

// All that one user, or every client, may do, and what an app does with it.
struct Right {
  bool AclRule::*access;
  const char* all;  // what may be done to every topic of the policy
  const char* hint;
};
constexpr Right kRead = {&AclRule::read, " may read what every app says",
                         " reads #; an app reads what it needs"};
constexpr Right kWrite = {&AclRule::write,
                          " may write to every topic: positions and consent can be forged",
                          "a user per app, and for each the topics that it publishes"};

// --- the in-vehicle broker

class Vehicle {
 public:
  Vehicle(const AclFile& acl, const BrokerNames& names, Check& check)
      : acl_(acl),
        names_(names),
        check_(check),
        consent_(names.consent_topic + "/+"),
        receipts_(names.receipt_topic + "/+") {}

  void judge() {
    for (const AclRule& rule : acl_.rules) {
      check_everything(rule);
      if (rule.write && rule.user == names_.gateway_user) check_gateway(rule);
      else if (rule.write) check_write(rule);
    }
    if (consent_writers_.size() > 1) {
      check_.warning(std::to_string(consent_writers_.size()) + " users may write consent",
                     "the one app in which the driver gives and takes it back");
    }
    check_all_sources();
    if (std::none_of(acl_.rules.begin(), acl_.rules.end(), [&](const AclRule& rule) {
          return rule.read && (rule.user == names_.gateway_user || rule.user == "*");
        })) {
      check_.problem("user " + names_.gateway_user + " may read nothing",
                     "user " + names_.gateway_user + ", then: topic read #");
    }
  }

 private:
  void tell_all(const Right& right, const AclRule& rule) {
    const bool reads = right.access == &AclRule::read;
    check_.problem(name_of(rule) + right.all,
                   (reads ? "only " + names_.gateway_user : std::string()) + right.hint,
                   rule.place.text());
  }

  void check_everything(const AclRule& rule) {
    const std::string filter = widest_filter(rule);
    if (rule.write && covers(filter, "#")) tell_all(kWrite, rule);
    if (rule.read && rule.user != names_.gateway_user && covers(filter, "#")) tell_all(kRead, rule);
  }

  void check_gateway(const AclRule& rule) {
    if (covers(rule.filter, "#") || covers(names_.receipt_topic + "/#", rule.filter)) return;
    check_.warning("the gateway may write to more than receipts",
                   "topic write " + names_.receipt_topic + "/#, and nothing else to write",
                   rule.place.text());
  }

  void check_write(const AclRule& rule) {
    const std::string filter = widest_filter(rule);
    if (covers(filter, "#")) return;  // told
    if (reaches(acl_, rule, consent_)) {
      if (is_anybody(rule)) {
        check_.problem(name_of(rule) + " may write consent", kConsentHint, rule.place.text());
      } else if (!covers(names_.consent_topic + "/#", filter)) {
        check_.problem(name_of(rule) + " may write consent among other topics: it can be forged",
                       kConsentHint, rule.place.text());
      } else {
        consent_writers_.insert(rule.user);
      }
    }
    if (reaches(acl_, rule, receipts_)) {
      check_.problem(name_of(rule) + " may write receipts: an app would take a message for kept",
                     "only " + names_.gateway_user + " writes below " + names_.receipt_topic,
                     rule.place.text());
    }
    // By %u, everybody has topics of its own; a client's id is what it says.
    if (is_anybody(rule) && rule.filter.find("%u") == std::string::npos) {
      for (const std::string& source : names_.source_filters) {
        if (!reaches(acl_, rule, source)) continue;
        check_.problem(name_of(rule) + " may write " + source + ": it can be forged", kWrite.hint,
                       rule.place.text());
        break;
      }
    }
  }

  // What one user's rules come to together, when none of them says "#".
  void check_all_sources() {
    if (names_.source_filters.size() < 2) return;
    std::set<std::string> writers;
    std::set<std::string> seen;
    for (const AclRule& rule : acl_.rules) {
      if (rule.user == names_.gateway_user || !seen.insert(rule.user).second) continue;
      for (const Right& right : {kRead, kWrite}) {
        if (!reaches_all(rule.user, right)) continue;
        if (right.access == kWrite.access) writers.insert(rule.user);
        // Who lists them all means it.
        if (has_wildcard(rule.user, right)) tell_all(right, rule);
      }
    }
    if (writers.size() > 1) {
      check_.warning(
          std::to_string(writers.size()) + " users may write to every topic of the policy",
          kWrite.hint);
    }
  }

  [[nodiscard]] bool reaches_all(const std::string& user, const Right& right) const {
    const auto& sources = names_.source_filters;
    return std::all_of(sources.begin(), sources.end(), [&](const std::string& source) {
      return std::any_of(acl_.rules.begin(), acl_.rules.end(), [&](const AclRule& rule) {
        return counts(rule, user, right) && reaches(acl_, rule, source);
      });
    });
  }

  // Whether one rule of the user's reaches several sources.
  [[nodiscard]] bool has_wildcard(const std::string& user, const Right& right) const {
    const auto& sources = names_.source_filters;
    return std::any_of(acl_.rules.begin(), acl_.rules.end(), [&](const AclRule& rule) {
      return counts(rule, user, right) &&
             std::count_if(sources.begin(), sources.end(), [&](const std::string& source) {
               return reaches(acl_, rule, source);
             }) > 1;
    });
  }

  static bool counts(const AclRule& rule, const std::string& user, const Right& right) {
    return rule.user == user && rule.*right.access && !covers(widest_filter(rule), "#");
  }

  static constexpr const char* kConsentHint =
      "the one app in which the driver gives and takes it back, and no wildcard above it";

  const AclFile& acl_;
  const BrokerNames& names_;
  Check& check_;
  const std::string consent_;   // a topic per purpose
  const std::string receipts_;  // a topic per app
  std::set<std::string> consent_writers_;
};

// --- the cloud broker

void check_sender(const AclRule& rule, const AclFile& acl, const BrokerNames& names, Check& check) {
  const std::string filter = widest_filter(rule);
  if (rule.read && reaches(acl, rule, kUplink)) {
    check.problem(name_of(rule) + " may send batches and read those of others",
                  "units write, recipients read: a user of its own for each", rule.place.text());
  }
  if (!rule.write || covers(filter, "#") || covers(kUplink, filter)) return;
  if (reaches(acl, rule, names.policy_topic)) {
    check.problem(name_of(rule) + " may send batches and write the fleet's policy",
                  "a user of its own writes " + names.policy_topic + "; units read it",
                  rule.place.text());
  } else {
    check.problem(name_of(rule) + " sends batches, and may write to more than those",
                  "topic write " + std::string(kUplink) + ", and nothing else to write",
                  rule.place.text());
  }
}

void check_cloud(const AclFile& acl, const BrokerNames& names, Check& check) {
  std::set<std::string> writers;
  for (const AclRule& rule : acl.rules) {
    if (rule.write && reaches(acl, rule, kUplink)) writers.insert(rule.user);
  }
  for (const AclRule& rule : acl.rules) {
    if (rule.write && covers(widest_filter(rule), "#")) {
      check.problem(name_of(rule) + " may write to every topic", "topic write sudare/1/#",
                    rule.place.text());
    }
    if (writers.count(rule.user) > 0 || writers.count("*") > 0) {
      check_sender(rule, acl, names, check);
      continue;
    }
    if (!is_anybody(rule)) continue;
    if (rule.read && reaches(acl, rule, kUplink)) {
      check.problem(name_of(rule) + " may read batches", "a user per recipient and its purpose",
                    rule.place.text());
    }
    if (rule.write && reaches(acl, rule, names.policy_topic)) {
      check.problem(name_of(rule) + " may write the fleet's policy",
                    "a user of its own writes " + names.policy_topic, rule.place.text());
    }
  }
  if (writers.empty()) {
    check.problem("nobody may send batches", "user unit, then: topic write sudare/1/#");
  }
}

}  // namespace

void check_acl(const AclFile& acl, BrokerRole role, const BrokerNames& names, Check& check) {
  for (const BrokerComplaint& complaint : acl.complaints) {
    check.problem(complaint.text, "see acl_file in mosquitto.conf(5)", complaint.place.text());
  }
  if (role == BrokerRole::kVehicle) Vehicle(acl, names, check).judge();
  else check_cloud(acl, names, check);
}

}  // namespace sudare::doctor
