// The policy that a fleet's cars run under, and the private keys with which its receiving side
// opens what they send.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/open/identity.h"
#include "gateway/policy/policy.h"
#include "sim/error.h"

namespace sudare::sim::fleet {

struct PolicyKeys {
  std::unique_ptr<const Policy> policy;
  std::vector<age::open_side::Identity> identities;
  std::vector<std::size_t> key_of;  // by PurposeIndex: index of its identity
};

// The built-in default policy with fresh keys, which exist in this process's memory only.
[[nodiscard]] Parsed<PolicyKeys> fresh_policy();

// A policy as the gateway takes it, and key files. Diagnostics go to stderr. `keys_needed`: an
// error where a purpose has no recipient among them.
[[nodiscard]] Parsed<PolicyKeys> load_policy_keys(const std::string& policy_file,
                                                  const std::vector<std::string>& descriptor_sets,
                                                  const std::vector<std::string>& key_files,
                                                  bool keys_needed);

}  // namespace sudare::sim::fleet
