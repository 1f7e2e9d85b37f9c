#include <set>

#include "fleet/doctor/check_broker_config.h"

namespace sudare::doctor {
namespace {

constexpr std::string_view kUplink = "sudare/1";

std::string name_of(const AclRule& rule) {
  if (rule.user == "*") return "every client";
  return rule.user.empty() ? "a client without a name" : "user " + rule.user;
}

bool touches(const AclRule& rule, std::string_view prefix) {
  const std::string below = std::string(prefix) + "/#";
  return covers(rule.filter, below) || covers(below, rule.filter);
}

void check_vehicle_rule(const AclRule& rule, const BrokerNames& names, Check& check) {
  const bool gateway = rule.user == names.gateway_user;
  if (rule.write && covers(rule.filter, "#")) {
    check.problem(name_of(rule) + " may write to every topic: positions and consent can be forged",
                  "a user per app, and for each the topics that it publishes", rule.place.text());
  } else if (gateway && rule.write && !covers(names.receipt_topic + "/#", rule.filter)) {
    check.warning("the gateway may write to more than receipts",
                  "topic write " + names.receipt_topic + "/#, and nothing else to write",
                  rule.place.text());
  }
  if (rule.read && !gateway && covers(rule.filter, "#")) {
    check.problem(name_of(rule) + " may read what every app says",
                  "only " + names.gateway_user + " reads #; an app reads what it needs",
                  rule.place.text());
  }
}

void check_vehicle(const AclFile& acl, const BrokerNames& names, Check& check) {
  std::set<std::string> consent_writers;
  bool gateway_reads = false;
  for (const AclRule& rule : acl.rules) {
    check_vehicle_rule(rule, names, check);
    if (rule.write && touches(rule, names.consent_topic) && !covers(rule.filter, "#")) {
      consent_writers.insert(rule.user);
    }
    gateway_reads =
        gateway_reads || (rule.read && (rule.user == names.gateway_user || rule.user == "*"));
  }
  if (consent_writers.size() > 1) {
    check.warning(std::to_string(consent_writers.size()) + " users may write consent",
                  "the one app in which the driver gives and takes it back");
  }
  if (!gateway_reads) {
    check.problem("user " + names.gateway_user + " may read nothing",
                  "user " + names.gateway_user + ", then: topic read #");
  }
}

void check_cloud(const AclFile& acl, Check& check) {
  std::set<std::string> writers;
  for (const AclRule& rule : acl.rules) {
    if (rule.write && touches(rule, kUplink)) writers.insert(rule.user);
  }
  for (const AclRule& rule : acl.rules) {
    if (rule.write && covers(rule.filter, "#")) {
      check.problem(name_of(rule) + " may write to every topic", "topic write sudare/1/#",
                    rule.place.text());
    }
    if (rule.read && touches(rule, kUplink) && writers.count(rule.user) > 0) {
      check.problem(name_of(rule) + " may send batches and read those of others",
                    "units write, recipients read: a user of its own for each", rule.place.text());
    } else if (rule.read && (rule.user.empty() || rule.user == "*") && touches(rule, kUplink)) {
      check.problem(name_of(rule) + " may read batches", "a user per recipient and its purpose",
                    rule.place.text());
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
  if (role == BrokerRole::kVehicle) check_vehicle(acl, names, check);
  else check_cloud(acl, check);
}

}  // namespace sudare::doctor
