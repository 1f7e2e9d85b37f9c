#include "sim/bench/report_sections.h"

#include <algorithm>

#include "sim/bench/charts.h"
#include "sim/page/parts.h"
#include "sim/page/text.h"

namespace sudare::sim::bench {

namespace {

constexpr std::size_t kBridgeStyle = 1;
constexpr std::size_t kGatewayStyle = 0;

std::size_t style_of(const std::string& subject) {
  return subject.rfind("bridge", 0) == 0 ? kBridgeStyle : kGatewayStyle;
}

std::string section(const std::string& title, const std::string& body) {
  return "<section>\n<h2>" + title + "</h2>\n" + body + "</section>\n";
}

std::string row(const std::vector<std::string>& cells) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    html += (i == 0 ? "<th scope=\"row\">" : "<td class=\"number\">") + escaped(cells[i]) +
            (i == 0 ? "</th>" : "</td>");
  }
  return html + "</tr>\n";
}

Bar bar_of(const std::string& label, std::size_t style, const Spread& spread) {
  return {label, spread.median, spread.least, spread.most, style};
}

std::string saturation_bars(const std::string& id, const std::string& title,
                            const std::vector<Round>& rounds) {
  const auto bars = [&](const Figure& figure) {
    return std::vector<Bar>{
        bar_of("bridge, unprotected", kBridgeStyle, spread_of(rounds, "bridge", figure)),
        bar_of("gateway, sealed and durable", kGatewayStyle, spread_of(rounds, "gateway", figure))};
  };
  return bar_figure({id + "-rate", "Readings per second" + title, "/s", 0,
                     bars([](const Round& r) { return r.per_second; })}) +
         bar_figure({id + "-cpu", "CPU per reading, broker and unit" + title, "µs", 1,
                     bars([](const Round& r) { return r.cpu_us_per_reading(); })}) +
         bar_figure({id + "-bytes", "Uplink bytes per reading" + title, "bytes", 1,
                     bars([](const Round& r) { return r.uplink_bytes_per_reading(); })});
}

std::vector<std::string> spread_cells(const std::string& name, const std::vector<Round>& rounds,
                                      const Figure& figure, int decimals) {
  std::vector<std::string> cells = {name};
  for (const char* subject : {"bridge", "gateway"}) {
    const Spread spread = spread_of(rounds, subject, figure);
    cells.push_back(grouped(spread.median, decimals) + " (" + grouped(spread.least, decimals) +
                    " – " + grouped(spread.most, decimals) + ")");
  }
  const Spread ratio = ratio_of(rounds, figure);
  cells.push_back(decimal(ratio.median, 2) + " (" + decimal(ratio.least, 2) + " – " +
                  decimal(ratio.most, 2) + ")");
  return cells;
}

std::string saturation_table(const std::string& caption, const std::vector<Round>& rounds) {
  std::string html = table_begin(
      caption, {{"median (least – most)"}, {"bridge", true}, {"gateway", true}, {"ratio", true}});
  html += row(spread_cells(
      "readings/s, end to end", rounds, [](const Round& r) { return r.per_second; }, 0));
  html += row(spread_cells(
      "CPU µs per reading", rounds, [](const Round& r) { return r.cpu_us_per_reading(); }, 2));
  html += row(spread_cells(
      "of it the in-vehicle broker", rounds,
      [](const Round& r) { return r.broker.cpu_seconds() * 1e6 / static_cast<double>(r.opened); },
      2));
  html += row(spread_cells(
      "uplink bytes per reading", rounds,
      [](const Round& r) { return r.uplink_bytes_per_reading(); }, 1));
  const Latency bridge = emergency_latency(rounds, "bridge");
  const Latency gateway = emergency_latency(rounds, "gateway");
  if (gateway.count > 0) {
    html += row({"emergency meanwhile, p50 / p99 ms",
                 decimal(bridge.p50_ms, 1) + " / " + decimal(bridge.p99_ms, 1),
                 decimal(gateway.p50_ms, 1) + " / " + decimal(gateway.p99_ms, 1), ""});
  }
  html += row(
      {"ceiling of the ratio, a core for each process", "", "", decimal(ceiling_of(rounds), 2)});
  return html + table_end();
}

LineChart latency_chart(const Report& report, bool slow_disk) {
  LineChart chart;
  chart.id = slow_disk ? "latency-slow" : "latency";
  chart.title = slow_disk ? "The same, each sync 5 ms slower" : "From publish to opened";
  chart.x_title = "readings per second";
  chart.y_unit = "ms";
  chart.logarithmic = true;
  const struct {
    const char* subject;
    const char* quantile;
    double Latency::*value;
    bool dashed;
  } lines[] = {{"bridge", "p50", &Latency::p50_ms, true},
               {"bridge", "p99", &Latency::p99_ms, false},
               {"gateway", "p50", &Latency::p50_ms, true},
               {"gateway", "p99", &Latency::p99_ms, false}};
  for (const auto& each : lines) {
    Line line{
        std::string(each.subject) + " " + each.quantile, {}, style_of(each.subject), each.dashed};
    for (const LatencyRow& latency : report.latency) {
      if (latency.slow_disk != slow_disk || latency.round.subject != each.subject) continue;
      line.points.emplace_back(latency.per_second, latency.round.latency.*each.value);
    }
    if (!line.points.empty()) chart.lines.push_back(std::move(line));
  }
  return chart;
}

}  // namespace

std::string saturation_section(const Report& report) {
  if (report.throughput.empty() && report.slow_throughput.empty()) return {};
  std::string figures;
  std::string tables;
  if (!report.throughput.empty()) {
    figures += saturation_bars("saturation", "", report.throughput);
    tables += saturation_table(
        "Saturation, " + std::to_string(report.throughput.size() / 2) + " rounds in turn",
        report.throughput);
  }
  if (!report.emergency.empty()) {
    tables += saturation_table("The same, with emergencies meanwhile", report.emergency);
  }
  if (!report.slow_throughput.empty()) {
    figures += saturation_bars("slow", ", slow disk", report.slow_throughput);
    tables +=
        saturation_table("Each sync 5 ms slower; the bridge does not sync", report.slow_throughput);
  }
  return section("Saturation", "<div class=\"figures\">" + figures + "</div>\n" + tables);
}

std::string latency_section(const Report& report) {
  if (report.latency.empty()) return {};
  std::string html =
      "<p>Sent on a schedule: a reading that had to wait to be sent counts from when it was due. "
      "The "
      "gateway's readings wait for their batch (100 ms) and their commit.</p>\n<div "
      "class=\"figures\">" +
      line_figure(latency_chart(report, false)) + line_figure(latency_chart(report, true)) +
      "</div>\n";
  html += table_begin("Milliseconds, and what a batch of that many readings costs on the uplink",
                      {{"readings/s"},
                       {"unit", true},
                       {"disk", true},
                       {"p50", true},
                       {"p99", true},
                       {"p99.9", true},
                       {"uplink bytes per reading", true},
                       {"CPU µs per reading", true}});
  for (const LatencyRow& each : report.latency) {
    const Latency& latency = each.round.latency;
    html += row({grouped(each.per_second, 0), each.round.subject,
                 each.slow_disk ? "5 ms slower" : "as it is", decimal(latency.p50_ms, 1),
                 decimal(latency.p99_ms, 1), decimal(latency.p999_ms, 1),
                 decimal(each.round.uplink_bytes_per_reading(), 1),
                 decimal(each.round.cpu_us_per_reading(), 1)});
  }
  return section("Latency", html + table_end());
}

std::string bytes_section(const Report& report) {
  std::string figures;
  std::string tables;
  if (report.default_policy) {
    const DefaultPolicy& days = *report.default_policy;
    const auto mib_a_month = [&](std::uint64_t bytes) {
      return static_cast<double>(bytes) / days.days * 30 / (1024 * 1024);
    };
    figures +=
        bar_figure({"month",
                    "A month's uplink of one car, shipped policy",
                    "MiB",
                    1,
                    {{"bridge, JSON", mib_a_month(days.bridge_json_bytes), 0, 0, 4},
                     {"bridge, Protobuf", mib_a_month(days.bridge_bytes), 0, 0, kBridgeStyle},
                     {"gateway", mib_a_month(days.gateway_bytes), 0, 0, kGatewayStyle}}});
    tables +=
        "<p>Under the shipped policy " +
        percent(static_cast<double>(days.released_readings) /
                static_cast<double>(std::max<std::uint64_t>(days.readings, 1))) +
        " of the positions leave the car, " + std::to_string(days.released) + " records of " +
        std::to_string(days.messages) + " messages in " + std::to_string(days.batches) +
        " batches. The gateway's own pipeline ran on the messages' clock; packets are counted "
        "as they would be framed.</p>\n";
  }
  if (!report.wear.empty()) {
    BarChart wear{"wear", "Written per payload byte at 10 readings/s", "", 1, {}};
    tables +=
        "<p>Until its commit, a reading is not acknowledged to the in-vehicle broker: a gateway "
        "that "
        "is killed gets it again; where that broker loses power too, it is gone.</p>\n";
    tables += table_begin("Commit interval", {{"interval"},
                                              {"bytes written per payload byte", true},
                                              {"MiB an hour", true},
                                              {"readings not yet on disk, at most", true}});
    for (const Wear& each : report.wear) {
      const std::string interval = std::to_string(each.interval_ms) + " ms";
      wear.bars.push_back({"commit every " + interval, each.per_payload_byte, 0, 0, kGatewayStyle});
      tables += row({interval, decimal(each.per_payload_byte, 2),
                     decimal(each.bytes_per_hour / (1024 * 1024), 1),
                     decimal(each.interval_ms * 10.0 / 1000, 0)});
    }
    tables += table_end();
    figures += bar_figure(wear);
  }
  if (figures.empty()) return {};
  return section("Bytes", "<div class=\"figures\">" + figures + "</div>\n" + tables);
}

std::string delivery_section(const Report& report) {
  if (report.deliveries.empty()) return {};
  std::string html =
      table_begin("Of what was acknowledged to the producer", {{"scenario"},
                                                               {"unit", true},
                                                               {"acknowledged", true},
                                                               {"lost", true},
                                                               {"twice", true},
                                                               {"delivered", true}});
  for (const Delivery& each : report.deliveries) {
    html += row({each.scenario, each.subject, std::to_string(each.acknowledged),
                 std::to_string(each.lost), std::to_string(each.twice), percent(each.share())});
  }
  return section("Delivery", html + table_end());
}

std::string memory_section(const Report& report) {
  LineChart chart{"memory", "Saturation: the unit's memory over time", "seconds", "MiB", false, {}};
  const auto add = [](LineChart& to, const std::string& name,
                      const std::vector<MemorySample>& samples, std::size_t style,
                      double unit_seconds) {
    Line resident{name + ", resident", {}, style, true};
    Line anonymous{name + ", anonymous", {}, style, false};
    for (const MemorySample& sample : samples) {
      resident.points.emplace_back(sample.seconds / unit_seconds, sample.resident_mib);
      anonymous.points.emplace_back(sample.seconds / unit_seconds, sample.anonymous_mib);
    }
    if (samples.empty()) return;
    to.lines.push_back(std::move(resident));
    to.lines.push_back(std::move(anonymous));
  };
  std::string html;
  for (const char* subject : {"bridge", "gateway"}) {
    for (const Round& round : report.throughput) {
      if (round.subject != subject) continue;
      add(chart, subject, round.memory, style_of(subject), 1);
      break;
    }
  }
  if (!chart.lines.empty()) html += line_figure(chart);
  if (report.soak && !report.soak->memory.empty()) {
    LineChart soak{"soak", "Five days of a car, hastened", "seconds", "MiB", false, {}};
    add(soak, "gateway", report.soak->memory, kGatewayStyle, 1);
    html += line_figure(soak);
  }
  if (!html.empty()) html = "<div class=\"figures\">" + html + "</div>\n";
  if (report.queue.many > 0) {
    html += table_begin("A gateway whose cloud is away",
                        {{"queued before"}, {"readings/s", true}, {"CPU µs per reading", true}});
    for (const QueueRate& rate : report.queue.rates) {
      html += row({grouped(static_cast<double>(rate.queued), 0), grouped(rate.per_second, 0),
                   decimal(rate.cpu_us, 2)});
    }
    html += table_end() + "<p>With the longest queue: anonymous memory " +
            decimal(report.queue.anonymous_mib, 1) + " MiB, peak resident " +
            decimal(report.queue.peak_mib, 1) + " MiB, store " + decimal(report.queue.file_mib, 1) +
            " MiB. Drained at " +
            grouped(static_cast<double>(report.queue.drained) / report.queue.drain_seconds, 0) +
            " readings/s.</p>\n";
  }
  return html.empty() ? html : section("Memory and queue", html);
}

}  // namespace sudare::sim::bench
