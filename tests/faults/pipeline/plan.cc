#include "tests/faults/pipeline/plan.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "crypto/crypto_init.h"
#include "gateway/policy/load.h"

namespace sudare::faults {
namespace {

std::mt19937_64& engine() {
  static std::mt19937_64 one;
  return one;
}

const char* name() { return "seeded"; }
std::uint32_t number() { return static_cast<std::uint32_t>(engine()()); }
void fill(void* const to, const std::size_t bytes) {
  auto* const out = static_cast<unsigned char*>(to);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    if (i % 8 == 0) word = engine()();
    out[i] = static_cast<unsigned char>(word >> (8 * (i % 8)));
  }
}

randombytes_implementation seeded{name, number, nullptr, nullptr, fill, nullptr};

std::string purpose(Plan& plan, const std::string& name, const std::string& rest) {
  auto& keys = plan.keys[name];
  if (keys.empty()) keys.push_back(age::open_side::Identity::generate());
  return "purpose { name: \"" + name + "\" recipient: \"" + keys.front().recipient().to_string() +
         "\" " + rest + " }\n";
}

std::string source(const std::string& topic, const std::string& rest) {
  return "source { topic: \"" + topic +
         "\" codec: JSON classify { path: \"n\" class: NOT_PERSONAL } "
         "classify { path: \"s\" class: NOT_PERSONAL } "
         "classify { path: \"t\" class: TIMESTAMP unit: MILLISECONDS } " +
         rest + " }\n";
}

std::string release(const std::string& to) {
  return "release { to: \"" + to +
         "\" field { path: \"n\" } field { path: \"s\" } time { exact: true } } ";
}

std::string policy_text(Plan& plan, int serial) {
  const std::string small = " batch_bytes_max: 4096 ceiling { } ";
  const std::string position =
      "classify { path: \"lat\" class: LATITUDE unit: DEGREES } "
      "classify { path: \"lon\" class: LONGITUDE unit: DEGREES } ";
  const std::string place =
      "field { path: \"n\" } field { path: \"lat\" } field { path: \"lon\" } ";
  const bool first = serial == 1;
  return "language: 1 serial: " + std::to_string(serial) + " not_after: \"2099-12-31\"\n" +
         purpose(plan, "open",
                 "keep_hours: 24 consent: OPT_OUT pseudonym { rotate_days: 28 } priority: 1 "
                 "linger_ms: " +
                     std::string(first ? "2000" : "6000") + small) +
         purpose(plan, "asked",
                 "keep_hours: 24 consent: OPT_IN pseudonym { rotate_days: 7 } priority: 2 "
                 "linger_ms: 1000" +
                     small) +
         purpose(
             plan, "plain",
             "keep_hours: 24 consent: OPT_OUT pseudonym { none {} } priority: 1 linger_ms: 3000" +
                 small) +
         purpose(plan, "moves",
                 "keep_hours: 24 consent: OPT_OUT pseudonym { rotate_days: 1 } priority: 0 "
                 "linger_ms: 60000"
                 " batch_bytes_max: 4096 ceiling { cell: M1000 }") +
         purpose(plan, "probe",
                 "keep_hours: 24 consent: OPT_OUT pseudonym { none {} } linger_ms: 60000"
                 " batch_bytes_max: 4096 ceiling { cell: EXACT hold_back: M1000 }") +
         purpose(plan, "emergency",
                 "keep_hours: 8000 consent: LEGAL_OBLIGATION essential: true"
                 " pseudonym { rotate_days: 364 } priority: 3" +
                     small) +
         source("a", release("open") + (first ? release("asked") : "")) +
         source("b", release("plain")) + source("c", release("asked")) +
         source("urgent", "urgent: true " + release("emergency")) +
         source("gnss", "time_field: \"t\" gnss_time: true " + release("open")) +
         source("position", "time_field: \"t\" " + position + "release { to: \"moves\" " + place +
                                "location { cell: M1000 } time { bucket_ms: 60000 } } "
                                "release { to: \"probe\" " +
                                place +
                                "location { cell: EXACT hold_back { ring: M1000 } }"
                                " time { bucket_ms: 60000 } }") +
         "source { topic: \"ignition\" codec: JSON ignition_field: \"on\" "
         "classify { path: \"on\" class: NOT_PERSONAL } }\n";
}

Plan make_plan() {
  Plan plan;
  for (const int serial : {1, 2}) {
    const SchemaSet schemas;
    PolicyLoad loaded = load_policy("policy", policy_text(plan, serial), schemas, nullptr);
    for (const Diagnostic& one : loaded.diagnostics) {
      if (one.severity() == DiagnosticSeverity::kError) {
        std::fputs(one.to_string().c_str(), stderr);
        std::abort();
      }
    }
    plan.policies.push_back(std::move(loaded.policy));
  }
  return plan;
}

}  // namespace

PolicyInUse Plan::policy(std::size_t index) const {
  PolicyEnd shared;
  shared.shared = true;
  return {{policies[index].get(), shared}, false};
}

const Plan& plan() {
  static const Plan one = make_plan();
  return one;
}

void make_randomness_follow(std::uint64_t seed) {
  if (!crypto_init()) std::abort();
  randombytes_set_implementation(&seeded);
  engine().seed(0);
  static_cast<void>(plan());  // its keys are the same for every seed
  engine().seed(seed);
}

}  // namespace sudare::faults
