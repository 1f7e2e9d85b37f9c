#include "sim/bench/report_json.h"

#include <nlohmann/json.hpp>

#include "sim/bench/goals.h"

namespace sudare::sim::bench {

namespace {

using Json = nlohmann::ordered_json;

Json value_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json usage_json(const Usage& usage) {
  return {{"user_seconds", usage.user_seconds}, {"system_seconds", usage.system_seconds},
          {"disk_bytes", usage.disk_bytes},     {"anonymous_kib", usage.anonymous_kib},
          {"resident_kib", usage.resident_kib}, {"peak_kib", usage.peak_kib}};
}

Json latency_json(const Latency& latency) {
  return {{"p50_ms", latency.p50_ms},
          {"p99_ms", latency.p99_ms},
          {"p999_ms", latency.p999_ms},
          {"count", latency.count}};
}

Json memory_json(const std::vector<MemorySample>& samples) {
  Json list = Json::array();
  for (const MemorySample& sample : samples) {
    list.push_back({sample.seconds, sample.anonymous_mib, sample.resident_mib});
  }
  return list;
}

Json round_json(const Round& round) {
  return {{"subject", round.subject},
          {"void", round.void_reason},
          {"sent", round.sent},
          {"opened", round.opened},
          {"lost", round.lost},
          {"twice", round.twice},
          {"altered", round.altered},
          {"seconds", round.seconds},
          {"readings_per_second", round.per_second},
          {"cpu_us_per_reading", round.cpu_us_per_reading()},
          {"load_cpu_share", round.load_cpu_share},
          {"recipient_cpu_share", round.recipient_cpu_share},
          {"payload_bytes", round.payload_bytes},
          {"uplink_bytes_to_cloud", round.uplink.received},
          {"uplink_bytes_to_unit", round.uplink.sent},
          {"in_vehicle_broker", usage_json(round.broker)},
          {"gateway", usage_json(round.gateway)},
          {"cloud_broker", usage_json(round.cloud)},
          {"latency", latency_json(round.latency)},
          {"emergency", latency_json(latency_of(round.emergency_ms))},
          {"memory_seconds_anonymous_resident_mib", memory_json(round.memory)}};
}

Json rounds_json(const std::vector<Round>& rounds) {
  Json list = Json::array();
  for (const Round& round : rounds) list.push_back(round_json(round));
  return list;
}

Json spread_json(const Spread& spread) {
  return {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}};
}

Json saturation_json(const std::vector<Round>& rounds) {
  const Figure rate = [](const Round& r) { return r.per_second; };
  const Figure cpu = [](const Round& r) { return r.cpu_us_per_reading(); };
  Json json;
  for (const char* subject : {"bridge", "gateway"}) {
    json[subject] = {{"readings_per_second", spread_json(spread_of(rounds, subject, rate))},
                     {"cpu_us_per_reading", spread_json(spread_of(rounds, subject, cpu))},
                     {"emergency", latency_json(emergency_latency(rounds, subject))}};
  }
  json["ratio"] = spread_json(ratio_of(rounds, rate));
  json["ratio_ceiling"] = ceiling_of(rounds);
  json["ratio_cpu"] = spread_json(ratio_of(rounds, cpu));
  json["rounds"] = rounds_json(rounds);
  return json;
}

Json latencies_json(const std::vector<LatencyRow>& rows) {
  Json list = Json::array();
  for (const LatencyRow& row : rows) {
    Json entry = {{"rate_per_second", row.per_second}, {"slow_disk", row.slow_disk}};
    entry.update(round_json(row.round));
    list.push_back(std::move(entry));
  }
  return list;
}

Json deliveries_json(const std::vector<Delivery>& deliveries) {
  Json list = Json::array();
  for (const Delivery& row : deliveries) {
    list.push_back({{"scenario", row.scenario},
                    {"subject", row.subject},
                    {"acknowledged", row.acknowledged},
                    {"lost", row.lost},
                    {"twice", row.twice},
                    {"share", row.share()}});
  }
  return list;
}

Json queue_json(const LongQueue& queue) {
  Json rates = Json::array();
  for (const QueueRate& rate : queue.rates) {
    rates.push_back({{"queued", rate.queued},
                     {"readings_per_second", rate.per_second},
                     {"gateway_cpu_us_per_reading", rate.cpu_us}});
  }
  return {{"rates", rates},
          {"longest", queue.many},
          {"anonymous_mib", queue.anonymous_mib},
          {"peak_mib", queue.peak_mib},
          {"file_mib", queue.file_mib},
          {"drained", queue.drained},
          {"lost", queue.lost},
          {"drain_seconds", queue.drain_seconds},
          {"peak_after_drain_mib", queue.peak_after_drain_mib}};
}

Json wear_json(const std::vector<Wear>& rows) {
  Json list = Json::array();
  for (const Wear& wear : rows) {
    list.push_back({{"interval_ms", wear.interval_ms},
                    {"readings", wear.readings},
                    {"lost", wear.lost},
                    {"disk_bytes", wear.disk_bytes},
                    {"per_payload_byte", wear.per_payload_byte},
                    {"bytes_per_hour", wear.bytes_per_hour},
                    {"latency", latency_json(wear.latency)}});
  }
  return list;
}

Json default_policy_json(const DefaultPolicy& result) {
  return {{"days", result.days},
          {"messages", result.messages},
          {"readings", result.readings},
          {"released_readings", result.released_readings},
          {"released_records", result.released},
          {"batches", result.batches},
          {"bridge_bytes", result.bridge_bytes},
          {"bridge_json_bytes", result.bridge_json_bytes},
          {"gateway_bytes", result.gateway_bytes}};
}

Json soak_json(const Soak& soak) {
  return {{"car_hours", soak.car_hours},
          {"messages", soak.messages},
          {"rows_taken", soak.taken},
          {"adds_up", soak.adds_up},
          {"memory_seconds_anonymous_resident_mib", memory_json(soak.memory)}};
}

Json goals_json(const Report& report) {
  Json list = Json::array();
  for (const Goal& goal : goals_of(report)) {
    list.push_back({{"name", goal.name},
                    {"target", goal.target},
                    {"measured", goal.measured},
                    {"met", goal.met},
                    {"limit", goal.limit}});
  }
  return list;
}

Json top_json(const Report& report) {
  const KeyFigures figures = key_figures(report);
  return {{"ratio_throughput", value_or_null(figures.ratio_throughput)},
          {"ratio_uplink_bytes_bench", value_or_null(figures.ratio_uplink_bytes_bench)},
          {"ratio_uplink_bytes_default", value_or_null(figures.ratio_uplink_bytes_default)},
          {"rss_peak_mib", value_or_null(figures.rss_peak_mib)},
          {"rss_anon_mib", value_or_null(figures.rss_anon_mib)},
          {"delivered_after_outage", value_or_null(figures.delivered_after_outage)},
          {"delivered_after_kill", value_or_null(figures.delivered_after_kill)},
          {"enqueue_ratio_1e6", value_or_null(figures.enqueue_ratio_1e6)},
          {"emergency_p99_ms", value_or_null(figures.emergency_p99_ms)},
          {"cpu_us_per_reading", value_or_null(figures.cpu_us_per_reading)},
          {"disk_bytes_per_payload_byte", value_or_null(figures.disk_bytes_per_payload_byte)},
          {"commit", report.commit},
          {"seed", report.seed}};
}

}  // namespace

std::string json_of(const Report& report) {
  Json json = top_json(report);
  json["quick"] = report.quick;
  json["codec"] = report.codec;
  json["reading_bytes"] = report.reading_bytes;
  json["took_seconds"] = report.took_seconds;
  json["parts"] = report.parts;
  json["findings"] = findings(report);
  json["goals"] = goals_json(report);
  json["machine"] = {{"cpu", report.machine.cpu},
                     {"cores", report.machine.cores},
                     {"kernel", report.machine.kernel},
                     {"file_system", report.machine.file_system},
                     {"load_before", report.machine.load_before},
                     {"packages", report.machine.packages}};
  if (report.headroom) {
    json["load_generator"] = {{"readings_per_second", report.headroom->per_second},
                              {"cpu_share", report.headroom->cpu_share}};
  }
  if (!report.throughput.empty()) json["saturation"] = saturation_json(report.throughput);
  if (!report.emergency.empty()) json["saturation_emergency"] = saturation_json(report.emergency);
  if (!report.slow_throughput.empty()) {
    json["saturation_slow_disk"] = saturation_json(report.slow_throughput);
  }
  json["latency"] = latencies_json(report.latency);
  json["deliveries"] = deliveries_json(report.deliveries);
  if (report.queue.many > 0) json["queue"] = queue_json(report.queue);
  json["commit_intervals"] = wear_json(report.wear);
  if (report.default_policy) json["default_policy"] = default_policy_json(*report.default_policy);
  if (report.soak) json["soak"] = soak_json(*report.soak);
  json["unit"] = rounds_json(report.unit);
  json["unit_latency"] = latencies_json(report.unit_latency);
  return json.dump(1) + "\n";
}

}  // namespace sudare::sim::bench
