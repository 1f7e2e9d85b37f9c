// A unit whose image pins two signers of policies, both of whom must sign, and what they publish.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/crypto_init.h"
#include "fleet/authority/policy_signature.h"
#include "tests/system/gateway/unit.h"

namespace sudare::testkit {

inline constexpr const char* kTopic = "sudare/policy";

inline std::string with(std::string text, const std::string& what, const std::string& instead) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

// The recipient that the policy names for the purpose.
inline std::string recipient_of(const std::string& policy, const std::string& purpose) {
  const std::size_t name = policy.find("name: \"" + purpose + "\"");
  const std::size_t at = policy.find("age1", name);
  return policy.substr(at, policy.find('"', at) - at);
}

inline SigningKey fresh_key() {
  EXPECT_TRUE(crypto_init().has_value());
  return SigningKey::generate();
}

inline UnitOptions with_ceiling(UnitOptions options = {}) {
  options.extra_config += "ceiling_file: \"image/ceiling.textproto\"\n";
  return options;
}

class PolicyOverTheAir : public ::testing::Test {
 protected:
  explicit PolicyOverTheAir(const UnitOptions& options = {})
      : unit(with_ceiling(options)), text_(unit.policy_text("2099-12-31")) {
    std::filesystem::create_directory(unit.directory() / "image");
    write_ceiling(true);
    write_policy(policy(1));
  }
  // "asked" is received by whom its authority names; "seq" and "emergency" by those of the image.
  void write_ceiling(bool signers) {
    std::string out;
    if (signers) {
      out = "policy_signer: \"" + first.authority().to_string() + "\"\npolicy_signer: \"" +
            second.authority().to_string() + "\"\npolicy_threshold: 2\n";
    }
    const auto purpose = [&](const std::string& name, const std::string& rest) {
      out += "purpose { name: \"" + name +
             "\" longest_pseudonym { rotate_days: 28 } keep_hours_max: 48 " + rest + " }\n";
    };
    purpose("seq", "recipient: \"" + recipient_of(text_, "seq") +
                       "\" ceiling { cell: M1000 allow: SPEED } consent: [OPT_IN, OPT_OUT]");
    purpose("asked", "recipient: \"" + recipient_of(text_, "asked") + "\" recipient_authority: \"" +
                         authority.authority().to_string() + "\" ceiling { }");
    purpose("emergency", "recipient: \"" + recipient_of(text_, "emergency") +
                             "\" ceiling { } essential: true consent: LEGAL_OBLIGATION");
    std::ofstream(unit.directory() / "image" / "ceiling.textproto") << out;
  }
  void write_policy(const std::string& text) const { std::ofstream(unit.policy_file()) << text; }
  [[nodiscard]] std::string plain(std::uint64_t serial) const {
    return with(text_, "serial: 1\n", "serial: " + std::to_string(serial) + "\n");
  }
  [[nodiscard]] std::string sign(const std::string& text) const {
    return *sign_policy(*sign_policy(text, first), second);
  }
  [[nodiscard]] std::string policy(std::uint64_t serial) const { return sign(plain(serial)); }

  void publish(const std::string& text) {
    MqttClient fleet(unit.cloud().port());
    ASSERT_TRUE(fleet.publish(kTopic, text, 1, true));
    ASSERT_TRUE(fleet.flush());
  }
  [[nodiscard]] bool shows(const std::string& line) const {
    return unit.get("/metrics").body.find(line + "\n") != std::string::npos;
  }
  [[nodiscard]] bool in_force(std::uint64_t serial) const {
    return shows("sudare_policy_serial " + std::to_string(serial));
  }
  [[nodiscard]] bool comes_into_force(std::uint64_t serial) const {
    return eventually([&] { return in_force(serial); });
  }
  [[nodiscard]] bool is_refused(const std::string& reason, int count = 1) const {
    return eventually([&] {
      return shows("sudare_policy_updates_refused_total{reason=\"" + reason + "\"} " +
                   std::to_string(count));
    });
  }
  void serves(std::uint64_t number) {
    MqttClient car(unit.local().port());
    car.publish("test/json", Unit::number_payload(number));
    ASSERT_TRUE(car.flush());
    ASSERT_TRUE(eventually([&] { return unit.opened().numbers.count(number) > 0; })) << unit.log();
  }

  SigningKey first = fresh_key();
  SigningKey second = fresh_key();
  SigningKey authority = fresh_key();
  Unit unit;
  std::string text_;
};

}  // namespace sudare::testkit
