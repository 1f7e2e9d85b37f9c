// Keys, signatures and certificates for tests: each run has its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "crypto/crypto_init.h"
#include "fleet/authority/policy_signature.h"
#include "gateway/policy/load.h"
#include "tests/unit/policy/support.h"

namespace sudare::policy_test {

inline SigningKey fresh_key() {
  EXPECT_TRUE(crypto_init().has_value());
  return SigningKey::generate();
}

inline std::string sign(const std::string& text, const SigningKey& key) {
  const auto out = sign_policy(text, key);
  EXPECT_TRUE(out.has_value());
  return out.value_or(text);
}

// Of `recipient(number)`, for days 10 to 20 where none are given.
inline std::string certificate(const SigningKey& key, const std::string& purpose, int number,
                               std::uint64_t serial, std::int64_t from = 10, std::int64_t to = 20) {
  const auto token =
      certify({purpose, *age::Recipient::parse(recipient(number)), serial, from, to}, key);
  EXPECT_TRUE(token.has_value());
  return token.value_or("");
}

inline std::unique_ptr<const CeilingPlan> ceiling_of(const std::string& text) {
  CeilingLoad load = load_ceiling("ceiling", text);
  EXPECT_NE(load.ceiling, nullptr) << printed(load.diagnostics);
  return std::move(load.ceiling);
}

}  // namespace sudare::policy_test
