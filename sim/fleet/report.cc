#include "sim/fleet/report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "sim/page/text.h"

namespace sudare::sim::fleet {

namespace {

using nlohmann::json;

unsigned long long number(std::uint64_t value) { return value; }

double microseconds_per_message(const FleetSummary& summary) {
  return summary.sent.messages == 0
             ? 0
             : summary.cpu_seconds * 1e6 / static_cast<double>(summary.sent.messages);
}

void print_purpose(std::string& out, const char* name, const PurposeReckoning& purpose) {
  append(out, "%-20s %11llu %11llu %8llu %10llu %8llu %8llu\n", name, number(purpose.expected),
         number(purpose.opened), number(purpose.lost), number(purpose.duplicated),
         number(purpose.altered), number(purpose.foreign));
}

void print_received(std::string& out, const FleetSummary& summary, const Policy& policy) {
  append(out, "%-20s %11s %11s %8s %10s %8s %8s\n", "purpose", "expected", "opened", "lost",
         "duplicated", "altered", "foreign");
  for (std::size_t i = 0; i < summary.purposes.size(); ++i) {
    print_purpose(out, policy.purposes[i].name.c_str(), summary.purposes[i]);
  }
  print_purpose(out, "all", summary.total());
  const CanaryFindings& canaries = summary.canaries;
  append(out, "leaked: %llu of %llu identifiers and %llu exact positions of %llu canary cars\n",
         number(canaries.leaked()), number(canaries.planted_identifiers),
         number(canaries.planted_positions), number(canaries.cars));
  append(out, "received: %llu batches, %llu that came again, %llu that did not open\n",
         number(summary.receiving.batches), number(summary.receiving.again),
         number(summary.receiving.unopened));
}

}  // namespace

std::string table_of(const FleetSummary& summary, const Policy& policy) {
  std::string out;
  if (summary.received) print_received(out, summary, policy);
  append(out, "cars: %u, %zu connected at most, %llu connections, %llu lost, %llu outages\n",
         summary.cars, summary.connections.connected_max, number(summary.connections.connects),
         number(summary.connections.lost), number(summary.sent.outages));
  append(out, "messages: %llu of %llu bytes with %llu positions\n", number(summary.sent.messages),
         number(summary.sent.payload_bytes), number(summary.sent.positions));
  append(out, "uplink: %llu batches, %llu bytes; %llu rows were never delivered\n",
         number(summary.links.published), number(summary.links.uplink_bytes),
         number(summary.undelivered_rows));
  append(out, "accounts: %s\n",
         summary.account_adds_up ? "every row is accounted for" : "do not add up");
  append(out, "time: %.1f s simulated in %.1f s, %.1f s of them to make the cars\n",
         static_cast<double>(summary.simulated_ms) / 1000,
         static_cast<double>(summary.took_ms) / 1000, static_cast<double>(summary.setup_ms) / 1000);
  append(out, "cost: %.1f s of CPU, %.1f us per message, %llu MiB at most\n", summary.cpu_seconds,
         microseconds_per_message(summary), number(summary.peak_resident_kib / 1024));
  return out;
}

std::string json_of(const FleetSummary& summary, const Policy& policy) {
  const PurposeReckoning all = summary.total();
  json out = {{"cars", summary.cars},
              {"connected_max", summary.connections.connected_max},
              {"connections", summary.connections.connects},
              {"connections_lost", summary.connections.lost},
              {"connections_refused", summary.connections.refused},
              {"outages", summary.sent.outages},
              {"messages", summary.sent.messages},
              {"payload_bytes", summary.sent.payload_bytes},
              {"positions", summary.sent.positions},
              {"failed_commits", summary.sent.failed_commits},
              {"rows_taken", summary.account.taken},
              {"accounts_add_up", summary.account_adds_up},
              {"batches_published", summary.links.published},
              {"batches_acknowledged", summary.links.acknowledged},
              {"batches_refused", summary.links.refused},
              {"uplink_bytes", summary.links.uplink_bytes},
              {"undelivered_rows", summary.undelivered_rows},
              {"simulated_seconds", static_cast<double>(summary.simulated_ms) / 1000},
              {"took_seconds", static_cast<double>(summary.took_ms) / 1000},
              {"setup_seconds", static_cast<double>(summary.setup_ms) / 1000},
              {"cpu_seconds", summary.cpu_seconds},
              {"cpu_us_per_message", microseconds_per_message(summary)},
              {"rss_peak_mib", summary.peak_resident_kib / 1024},
              {"stopped", summary.stopped},
              {"clean", summary.clean()}};
  for (std::size_t i = 0; i < kFateCount; ++i) {
    const auto fate = static_cast<Fate>(i);
    out["fates"][std::string(literal_of(fate).view())] = summary.account.by_fate.at(i);
  }
  if (!summary.received) return out.dump();
  out.update({{"expected", all.expected},
              {"opened", all.opened},
              {"lost", all.lost},
              {"duplicated", all.duplicated},
              {"altered", all.altered},
              {"foreign", all.foreign},
              {"leaked", summary.canaries.leaked()},
              {"batches_opened", summary.receiving.batches},
              {"batches_again", summary.receiving.again},
              {"batches_unopened", summary.receiving.unopened},
              {"canaries",
               {{"cars", summary.canaries.cars},
                {"planted_identifiers", summary.canaries.planted_identifiers},
                {"planted_positions", summary.canaries.planted_positions},
                {"in_delivered_bytes", summary.canaries.delivered},
                {"identifiers_opened", summary.canaries.identifiers},
                {"positions_opened", summary.canaries.positions}}}});
  for (std::size_t i = 0; i < summary.purposes.size(); ++i) {
    const PurposeReckoning& purpose = summary.purposes[i];
    out["purposes"][policy.purposes[i].name] = {
        {"expected", purpose.expected}, {"opened", purpose.opened},
        {"lost", purpose.lost},         {"duplicated", purpose.duplicated},
        {"altered", purpose.altered},   {"foreign", purpose.foreign}};
  }
  return out.dump();
}

}  // namespace sudare::sim::fleet
