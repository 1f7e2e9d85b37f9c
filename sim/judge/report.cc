#include <cstdio>
#include <nlohmann/json.hpp>

#include "sim/judge/judgement.h"

namespace sudare::sim {

namespace {

using nlohmann::json;
using Count = unsigned long long;

// From here on the tester should set the clocks before measuring anything by them.
constexpr std::int64_t kOffsetMsMax = 1000;

json purpose_json(const PurposeJudgement& one) {
  json out{
      {"batches", one.batches},
      {"bytes", one.bytes},
      {"opened", one.opened},
      {"leaked_raw", {{"identifiers", one.raw_identifiers}, {"positions", one.raw_positions}}}};
  if (!one.opened) return out;
  out["unopened_batches"] = one.unopened;
  out["other_policy_batches"] = one.other_policy;
  out["clip_chunks"] = one.chunks;
  out["gaps"] = one.gaps;
  out["forks"] = one.forks;
  out["told_lost"] = one.told_lost;
  if (one.latency.batches > 0) {
    out["latency_ms"] = {
        {"batches", one.latency.batches}, {"p50", one.latency.p50_ms}, {"p99", one.latency.p99_ms}};
  }
  if (!one.compared) return out;
  const PurposeComparison& counts = *one.compared;
  out["records"] = {{"expected", counts.expected},     {"opened", counts.opened},
                    {"verified", counts.verified},     {"lost", counts.lost},
                    {"duplicated", counts.duplicated}, {"altered", counts.altered}};
  out["lost_examples"] = one.lost_examples;
  out["unexpected_examples"] = one.unexpected_examples;
  out["leaked"] = {{"identifiers", counts.identifiers}, {"positions", counts.positions}};
  return out;
}

void print_purpose(const std::string& name, const PurposeJudgement& one) {
  const std::uint64_t raw = one.raw_identifiers + one.raw_positions;
  std::printf("%-18s %7llu %9llu ", name.empty() ? "(no purpose)" : name.c_str(),
              static_cast<Count>(one.batches), static_cast<Count>(one.bytes));
  if (!one.compared) {
    std::printf("%8s %8s %6s %5s %8s %7llu %5s", one.opened ? "?" : "no key", "", "", "", "",
                static_cast<Count>(raw), "");
  } else {
    const PurposeComparison& counts = *one.compared;
    std::printf("%8llu %8llu %6llu %5llu %8llu %7llu %5llu", static_cast<Count>(counts.expected),
                static_cast<Count>(counts.opened), static_cast<Count>(counts.lost),
                static_cast<Count>(counts.duplicated), static_cast<Count>(counts.altered),
                static_cast<Count>(counts.identifiers + counts.positions + raw),
                static_cast<Count>(one.gaps));
  }
  if (one.latency.batches > 0) {
    std::printf("  %8.3f %8.3f", static_cast<double>(one.latency.p50_ms) / 1000,
                static_cast<double>(one.latency.p99_ms) / 1000);
  }
  std::printf("\n");
}

void print_clock(const Judgement& judgement) {
  if (!judgement.clock) {
    std::printf("Clock of the unit: not measured; it takes --policy and a purpose's key.\n");
    return;
  }
  const ClockOffset& clock = *judgement.clock;
  if (clock.records == 0) {
    std::printf("Clock of the unit: not measured, %s\n",
                judgement.clock_measurable
                    ? "no record with a time of receipt came."
                    : "as this policy releases no time of receipt of what the car sent: a source "
                      "without time_field,\nreleased with `time { exact: true }` or a bucket, "
                      "makes it known.");
    return;
  }
  if (!clock.consistent) {
    std::printf(
        "Clock of the unit: times of receipt contradict one another; it was set during the "
        "run, or the unit alters them.\n");
    return;
  }
  std::printf(
      "Clock of the unit: %+.3f s against this machine's (certainly %+.3f to %+.3f; %llu "
      "records)\n",
      static_cast<double>(clock.estimate_ms) / 1000, static_cast<double>(clock.least_ms) / 1000,
      static_cast<double>(clock.most_ms) / 1000, static_cast<Count>(clock.records));
  if (clock.estimate_ms > kOffsetMsMax || clock.estimate_ms < -kOffsetMsMax) {
    std::printf(
        "  Set it (NTP, GNSS): time buckets, pseudonym epochs and the policy's days go by "
        "it.\n");
  }
}

void print_remarks(const Judgement& judgement) {
  bool differs = false;
  for (const auto& [name, one] : judgement.purposes) {
    const char* const purpose = name.c_str();
    differs = differs || !one.lost_examples.empty() || !one.unexpected_examples.empty();
    for (const std::string& lost : one.lost_examples) {
      std::printf("%s: lost: %s\n", purpose, lost.c_str());
    }
    for (const std::string& unexpected : one.unexpected_examples) {
      std::printf("%s: not expected: %s\n", purpose, unexpected.c_str());
    }
    if (one.unopened > 0) {
      std::printf("%s: %llu batches do not open or verify: has the unit another policy or key?\n",
                  purpose, static_cast<Count>(one.unopened));
    }
    if (one.other_policy > 0) {
      std::printf("%s: %llu batches were made by other rules than those of --policy\n", purpose,
                  static_cast<Count>(one.other_policy));
    }
    if (one.told_lost > 0) {
      std::printf("%s: the unit says that it gave up %llu records\n", purpose,
                  static_cast<Count>(one.told_lost));
    }
    if (one.forks > 0) {
      std::printf(
          "%s: %llu batches bring record numbers a second time: a cloned unit or a restored "
          "backup\n",
          purpose, static_cast<Count>(one.forks));
    }
  }
  if (differs) {
    std::printf(
        "Not expected is also what another unit sent (--shared-cloud leaves that out) or this "
        "one earlier.\nA unit remembers when and where it last released: before a run, restart "
        "it and take another --seed.\n");
  }
  if (judgement.early > 0) {
    std::printf("%llu batches came before the car began and are not judged.\n",
                static_cast<Count>(judgement.early));
  }
  if (judgement.other_units > 0) {
    std::printf("%llu records of other units are not judged.\n",
                static_cast<Count>(judgement.other_units));
  }
  if (!judgement.complete) {
    std::printf(
        "The cloud broker forgot this receiver's session: what it had meanwhile is "
        "missing here.\n");
  }
  for (const auto& [kind, count] : judgement.damaged) {
    std::printf("%llu messages were damaged on purpose (%s)\n", static_cast<Count>(count),
                kind.c_str());
  }
}

}  // namespace

void print_judgement(const Judgement& judgement) {
  std::printf("\n%-18s %7s %9s %8s %8s %6s %5s %8s %7s %5s  %8s %8s\n", "purpose", "batches",
              "bytes", "expected", "opened", "lost", "twice", "altered", "leaked", "gaps",
              "p50 (s)", "p99 (s)");
  for (const auto& [name, one] : judgement.purposes) print_purpose(name, one);
  std::printf("\nWaited %.0f s of at most %.0f for the last batches.\n",
              static_cast<double>(judgement.settled_ms) / 1000,
              static_cast<double>(judgement.settle_ms_max) / 1000);
  print_clock(judgement);
  print_remarks(judgement);
  std::printf("%s\n", judgement.clean() ? "Nothing lost, duplicated, altered or leaked."
                                        : "NOT CLEAN: see the figures above.");
}

json judgement_json(const Judgement& judgement) {
  json purposes = json::object();
  for (const auto& [name, one] : judgement.purposes) purposes[name] = purpose_json(one);
  json out{{"clean", judgement.clean()},
           {"complete", judgement.complete},
           {"purposes", std::move(purposes)},
           {"early_batches", judgement.early},
           {"other_units_records", judgement.other_units},
           {"damaged", judgement.damaged},
           {"settled_ms", judgement.settled_ms},
           {"settle_ms_max", judgement.settle_ms_max},
           {"clock", nullptr}};
  if (judgement.clock && judgement.clock->records > 0) {
    const ClockOffset& clock = *judgement.clock;
    out["clock"] = {{"records", clock.records}, {"consistent", clock.consistent}};
    if (clock.consistent) {
      out["clock"]["offset_ms"] = clock.estimate_ms;
      out["clock"]["offset_ms_least"] = clock.least_ms;
      out["clock"]["offset_ms_most"] = clock.most_ms;
    }
  }
  return out;
}

}  // namespace sudare::sim
