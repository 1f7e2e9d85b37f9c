#include "sim/attack/measure_units.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"
#include "fleet/audit/audit.h"
#include "fleet/preview/preview.h"
#include "fleet/preview/preview_keys.h"
#include "sim/attack/attackers/goals.h"
#include "sim/attack/attackers/identifiers.h"
#include "sim/attack/unit.h"
#include "sim/car/vehicle.h"
#include "sim/profile.h"
#include "sim/stop.h"

namespace sudare::sim::attack {

namespace {

// Between two looks at a unit: so many exact positions are searched for at once.
constexpr std::size_t kWindowMessages = 4000;
// A car says 5,000 messages a day, its identities at the first start.
constexpr std::uint64_t kMessagesPerCarMost = 25'000;
constexpr std::uint64_t kCarsLeast = 40;
// Whose released values are kept, for the dictionary: what they say in most of a day takes 100 MB.
constexpr std::size_t kDictionaryCars = 100;
constexpr std::size_t kDictionaryMessages = 4000;
constexpr std::size_t kPseudonymLength = 32;

struct Findings {
  LeakScan scan;
  std::vector<std::string> identifiers;
  std::vector<std::string> released;
};

std::vector<std::string> consents_of(const Policy& policy) {
  std::vector<std::string> names;
  for (const PurposePlan& purpose : policy.purposes) names.push_back(purpose.name);
  return names;
}

std::vector<std::string> identifiers_of(const CarIdentity& identity) {
  std::vector<std::string> all;
  for (const Planted& planted : planted_identifiers(identity)) all.push_back(planted.value);
  return all;
}

// One car and its unit.
class WholeCar {
 public:
  WholeCar(const Policy& policy, std::uint64_t seed, bool keeps_released)
      : policy_(policy), keys_(policy), preview_(policy, keys_), keeps_released_(keeps_released) {
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    start_ms_ = now_ms / kMsPerDay * kMsPerDay;
    TrafficOptions options;
    options.consents = consents_of(policy);
    vehicle_ =
        std::make_unique<Vehicle>(default_profile(), seed, VehicleTime{start_ms_, true}, options);
    seen_.identifiers = identifiers_of(vehicle_->identity());
  }

  Parsed<Findings> run(std::uint64_t messages) {
    auto unit = Unit::create(policy_, start_ms_);
    if (!unit) return tl::unexpected<InputError>(unit.error());
    while (seen_.scan.messages < messages && !stop_requested()) {
      if (auto done = window(**unit, messages); !done) {
        return tl::unexpected<InputError>(done.error());
      }
    }
    return std::move(seen_);
  }

 private:
  Parsed<Done> window(Unit& unit, std::uint64_t messages) {
    std::vector<Outgoing> said;
    while (said.size() < kWindowMessages && seen_.scan.messages < messages) {
      auto next = vehicle_->messages().next();
      if (!next) break;
      said.push_back(*std::move(next));
      ++seen_.scan.messages;
    }
    if (said.empty()) return input_error({}, 0, "a simulated car has nothing more to say");
    const bool last = seen_.scan.messages >= messages;
    Auditor auditor(planted_in(said));
    const AuditSink ignore = [](const AuditFinding& /*finding*/) {};
    const UplinkSink look = [&](std::string_view topic, std::string_view bytes) {
      ++seen_.scan.batches;
      auditor.scan_bytes("topic", topic, ignore);
      auditor.scan_bytes("payload", bytes, ignore);
    };
    for (const Outgoing& outgoing : said) {
      if (auto done = unit.take(outgoing); !done) return done;
    }
    if (auto done = last ? unit.finish(look) : unit.drain(look); !done) return done;
    auditor.scan_path(unit.directory(), ignore);
    seen_.scan.outside += auditor.report().found_identifiers + auditor.report().found_positions;
    keep(said);
    return Done{};
  }

  AuditInputs planted_in(const std::vector<Outgoing>& said) {
    AuditInputs inputs;
    inputs.identifiers = seen_.identifiers;
    std::set<PositionE7> positions;
    for (const Outgoing& outgoing : said) {
      positions.insert(outgoing.positions.begin(), outgoing.positions.end());
    }
    for (const PositionE7& at : positions) inputs.positions.push_back({at.latitude, at.longitude});
    return inputs;
  }

  // Of the first window only, as far as it is kept at all.
  void keep(const std::vector<Outgoing>& said) {
    if (!keeps_released_ || kept_ >= kDictionaryMessages) return;
    Auditor control(planted_in(said));
    for (const Outgoing& outgoing : said) {
      if (++kept_ > kDictionaryMessages) break;
      control.scan_bytes("payload", outgoing.payload, [](const AuditFinding& /*finding*/) {});
      keys_.use_time(outgoing.time_ms);
      for (PreviewRow& row : preview_.run(outgoing.topic, outgoing.payload, outgoing.time_ms)) {
        keep(row);
      }
    }
    seen_.scan.control += control.report().found_identifiers + control.report().found_positions;
  }
  void keep(PreviewRow& row) {
    if (!row.has_purpose || row.fate != Fate::kQueued) return;
    const PurposePlan& purpose = policy_.purposes[row.purpose];
    if (purpose.essential || purpose.audience != sudare::v1::Purpose::SERVICE) return;
    seen_.released.push_back(std::move(row.content.topic));
    seen_.released.push_back(std::move(row.content.payload));
    std::string pseudonym = keys_.pseudonym(row.purpose);
    if (pseudonym.size() == kPseudonymLength) seen_.released.push_back(std::move(pseudonym));
  }

  const Policy& policy_;
  PreviewKeys keys_;
  Preview preview_;
  bool keeps_released_;
  std::int64_t start_ms_ = 0;
  std::unique_ptr<Vehicle> vehicle_;
  std::size_t kept_ = 0;
  Findings seen_;
};

void add(Findings one, Findings& all) {
  all.scan.messages += one.scan.messages;
  all.scan.batches += one.scan.batches;
  all.scan.outside += one.scan.outside;
  all.scan.control += one.scan.control;
  if (one.released.empty()) return;
  std::move(one.identifiers.begin(), one.identifiers.end(), std::back_inserter(all.identifiers));
  std::move(one.released.begin(), one.released.end(), std::back_inserter(all.released));
}

// All cars, on the cores there are.
Parsed<Findings> run_units(const Policy& policy, std::uint64_t messages, Run& run) {
  const std::uint64_t cars = std::max(kCarsLeast, messages / kMessagesPerCarMost);
  std::atomic<std::uint64_t> next = 0;
  std::atomic<std::uint64_t> ended = 0;
  std::mutex mutex;
  Findings all;
  std::optional<InputError> error;
  const auto work = [&] {
    for (std::uint64_t car = next++; car < cars && !stop_requested(); car = next++) {
      WholeCar whole(policy, run.options.seed * 1'000'003 + car, car < kDictionaryCars);
      auto seen = whole.run(messages / cars);
      const std::lock_guard lock(mutex);
      if (!seen) {
        error = seen.error();
        return;
      }
      add(*std::move(seen), all);
      run.steps.show(static_cast<double>(++ended) / static_cast<double>(cars));
    }
  };
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < (run.options.threads == 0 ? cores : run.options.threads); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (error) return tl::unexpected<InputError>(*error);
  if (stop_requested()) return stopped();
  return all;
}

}  // namespace

Parsed<Done> measure_units(const Policy& policy, const std::string& subject, Run& run) {
  run.steps.begin("whole cars: identities, queue and uplink",
                  kMillionMessagesWeight * static_cast<double>(run.options.messages) / 1e6);
  log_setup(LogFormat::kText, LogLevel::kError);  // a unit's daily life is no news here
  auto seen = run_units(policy, run.options.messages, run);
  if (!seen) return tl::unexpected<InputError>(seen.error());
  const DictionaryResult dictionary = dictionary_attack(seen->identifiers, seen->released);
  const DictionaryResult control =
      dictionary_attack(seen->identifiers, keyless_hashes(seen->identifiers));
  add_goals({leak_goal(seen->scan), dictionary_goal(dictionary, control)}, subject, run.report);
  return Done{};
}

}  // namespace sudare::sim::attack
