// Any text as mosquitto.conf, as one that it includes, and as an access list: bounded, never a
// crash, and never without a listener.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fleet/doctor/check_broker_config.h"

namespace {

using namespace sudare::doctor;

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const BrokerConfig config =
      parse_broker_config({"mosquitto.conf", text}, [&](const std::string& directory) {
        return std::optional(std::vector<NamedText>{{directory, text}});
      });
  check(!config.listeners.empty() && config.listeners.size() <= kBrokerListenersMax + 1);
  check(config.complaints.size() <= kBrokerComplaintsMax);
  for (const BrokerListener& one : config.listeners) {
    check(one.port != 0 || !one.socket_path.empty() || !config.complaints.empty());
  }
  const AclFile acl = parse_acl({"acl", text});
  check(acl.rules.size() <= kAclRulesMax);
  BrokerNames names;
  names.source_filters = {"vehicle/position", "metrics/#"};
  for (const BrokerRole role : {BrokerRole::kVehicle, BrokerRole::kCloud}) {
    Report report;
    {
      Check into(report, "broker.acl");
      check_acl(acl, role, names, into);
    }
    check(!report.findings().empty() && report.findings().size() <= Report::kFindingsMax + 1);
  }
  for (const AclRule& rule : acl.rules) {
    check(covers("#", rule.filter) && overlaps(rule.filter, rule.filter));
    const AclRule& other = acl.rules.front();
    check(overlaps(rule.filter, other.filter) == overlaps(other.filter, rule.filter));
    check(!covers(rule.filter, other.filter) || overlaps(rule.filter, other.filter));
  }
  return 0;
}
