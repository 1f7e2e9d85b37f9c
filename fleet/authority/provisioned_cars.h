// The relink authority's records of cars (docs/formats.md, "Provisioning"), one car at a time:
// opens the shares with the authorities' keys, joins those that belong together. Where two
// organisations hold shares, the keys of one alone give nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/identity/epoch_chain.h"
#include "crypto/open/identity.h"
#include "fleet/provision/provision.h"

namespace sudare {

// A sealed share is some hundreds of bytes; what is larger is none.
inline constexpr std::size_t kShareBytesMax = 64 * 1024;

// Shares that wait for their other half, 1 GB of them.
inline constexpr std::size_t kLoneSharesMax = 4'000'000;

struct ProvisionedCar {
  RootKey root;
  std::int64_t day = 0;         // unix day on which the chains begin
  std::uint32_t transfers = 0;  // epoch of until_transfer
  CarIdentity identity;
};

// One share as it lies in an opened age file.
struct ProvisionedShare {
  std::string id;  // 16 bytes
  std::uint32_t index = 0;
  std::uint32_t count = 0;
  SecretBuffer bytes;
};

// kMalformed, kUnsupported (another version).
Result<ProvisionedShare> parse_share(ByteSpan plaintext);
Result<ProvisionedCar> parse_provisioned_car(ByteSpan record);

struct ProvisionedCarsOptions {
  std::vector<std::string> paths;  // files, and directories of them
  // Called for a file that could not be used; the rest goes on.
  std::function<void(const std::string& file, const Error& error)> unusable;
};

struct ProvisionedCarsCounts {
  std::uint64_t cars = 0;
  std::uint64_t unusable = 0;     // files
  std::uint64_t lone_shares = 0;  // whose other half was not among the files
};

// Each record once, in no order; `visit` may move it away. Stops at the first error that `visit`
// returns. kNotFound: a path does not exist; kTooLarge: kLoneSharesMax.
Result<ProvisionedCarsCounts> for_each_car(const ProvisionedCarsOptions& options,
                                           std::span<const age::open_side::Identity> identities,
                                           const std::function<Status(ProvisionedCar&)>& visit);

}  // namespace sudare
