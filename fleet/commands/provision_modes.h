// What `sudare provision` was called with, and its modes beside one unit's: a factory line's many
// units, and a unit's end of life.
#pragma once

#include <string>
#include <vector>

#include "crypto/seal/recipient.h"

namespace sudare::commands {

struct ProvisionCall {
  std::string state;
  std::string identity_file;
  std::string cars;  // CSV; "-" is stdin
  std::vector<std::string> authorities;
  std::string output;
  bool transfer = false;
  bool erase = false;
  bool json = false;
};

// False where one is none, which is said on stderr.
[[nodiscard]] bool parse_authorities(const ProvisionCall& call,
                                     std::vector<age::Recipient>& authorities);

// --cars. kExitFailure where a car was not made: the others are.
[[nodiscard]] int provision_cars(const ProvisionCall& call);
// --erase.
[[nodiscard]] int provision_erase(const ProvisionCall& call);

}  // namespace sudare::commands
