// Makes a unit's pseudonym chains and seals their root with the car's identity to the relink
// authority (docs/formats.md, "Provisioning"). After it the unit holds chains that only step
// forward; the root exists only inside the sealed record.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal/recipient.h"
#include "gateway/car/car_fingerprint.h"
#include "gateway/store/disk.h"

namespace sudare {

// Who the car is, for the relink authority alone. The unit keeps a fingerprint of some bits of it
// (gateway/car/car_fingerprint.h), nothing else.
struct CarIdentity {
  std::string vin;
  std::string frame_number;
  std::string terminal_number;
};

struct ProvisionOptions {
  std::string state_directory;  // created 0700 if it is missing
  CarIdentity identity;
  std::vector<age::Recipient>
      authorities;  // one; or two, that each get a share and are needed together
  std::optional<CarFingerprint> fingerprint;  // of `identity`; nothing: made here
  Disk* disk = &real_disk();                  // of provision(); outlives the call
};

// Gets one age file per authority, in their order; must have them safe on disk when it returns
// success.
using DeliverShares = std::function<Status(const std::vector<std::string>& sealed_shares)>;

// The unit is provisioned only once `deliver` has succeeded: a car whose root is lost could never
// be relinked. kRefused: provisioned already, another process uses the directory, or not one or two
// authorities; what `deliver` returned; errors of the store.
Status provision(const ProvisionOptions& options, const Clock& clock, const DeliverShares& deliver);

}  // namespace sudare
