// A provisioned unit without brokers: messages in, rows of the store and the account out.
#pragma once

#include "gateway/pipeline.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "gateway/policy/load.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::pipeline_test {

inline constexpr std::int64_t kDay = testkit::ManualClock::kStartWallMs / kMsPerDay;

// Before a fixture's SetUp, too.
inline bool crypto_is_ready() { return crypto_init().has_value(); }

inline std::string purpose(const std::string& name, const std::string& rest) {
  return "purpose { name: \"" + name + "\" recipient: \"" +
         age::open_side::Identity::generate().recipient().to_string() +
         "\" pseudonym { rotate_days: 28 } keep_hours: 24 batch_bytes_max: 16384 ceiling { } " +
         rest + " }\n";
}

inline std::string source(const std::string& topic, const std::string& releases) {
  return "source { topic: \"" + topic +
         "\" codec: JSON classify { path: \"n\" class: NOT_PERSONAL } "
         "classify { path: \"t\" class: TIMESTAMP unit: MILLISECONDS } " +
         releases + " }\n";
}

inline std::string release(const std::string& to) {
  return "release { to: \"" + to + "\" field { path: \"n\" } time { exact: true } } ";
}

inline std::unique_ptr<const Policy> load(const std::string& not_after,
                                          const std::string& more = "") {
  const SchemaSet schemas;
  const std::string text =
      "language: 1 serial: 1 not_after: \"" + not_after + "\"\n" +
      purpose("open", "consent: OPT_OUT linger_ms: 1000 priority: 1") +
      purpose("asked", "consent: OPT_IN linger_ms: 1000 priority: 1") +
      purpose("emergency", "consent: LEGAL_OBLIGATION essential: true") +
      source("both", release("open") + release("asked")) + source("urgent", release("emergency")) +
      source("gnss", "time_field: \"t\" gnss_time: true " + release("open")) + more;
  PolicyLoad loaded = load_policy("policy", text, schemas, nullptr);
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) ADD_FAILURE() << one.to_string();
  }
  return std::move(loaded.policy);
}

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init().has_value());
    store = std::move(*Store::open({directory.path() / "state", 64U << 20, 1U << 20}, clock));
    CommitGroup group;
    ASSERT_TRUE(Epochs::provision(kDay, group.state).has_value());
    ASSERT_TRUE(store->commit(group).has_value());
  }
  void begin(const std::string& not_after = "2099-12-31", bool essential_only = false,
             const std::string& more = "") {
    time = std::move(*TrustedTime::load(*store, clock, kDay));
    auto made = Pipeline::create({load(not_after, more), essential_only}, *store, *time, clock,
                                 "vehicle/consent", "vehicle/network");
    ASSERT_TRUE(made.has_value());
    pipeline = std::move(*made);
  }
  void take(const std::string& topic, const std::string& payload, bool retained = false,
            bool too_large = false) {
    Message message;
    message.topic.set(topic);
    message.payload.set(payload);
    message.received_ms = clock.wall_ms();
    message.retained = retained;
    pipeline->take(message, too_large);
  }
  [[nodiscard]] std::int64_t fate(const std::string& purpose, Fate fate) const {
    const Account account = store->account();
    const auto found = account.purposes.find(purpose);
    return found == account.purposes.end() ? 0
                                           : found->second.by_fate[static_cast<std::size_t>(fate)];
  }
  [[nodiscard]] std::uint64_t reason(const std::string& purpose, Reason reason) const {
    return store->account().purposes.at(purpose).by_reason[static_cast<std::size_t>(reason)];
  }
  void commit(bool close_all = false) {
    const auto done = pipeline->commit(close_all);
    ASSERT_TRUE(done.has_value());
    EXPECT_TRUE(store->account().adds_up());
  }

  testkit::TemporaryDirectory directory;
  testkit::ManualClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<TrustedTime> time;
  std::unique_ptr<Pipeline> pipeline;
};

}  // namespace sudare::pipeline_test
