// The record that the relink authority gets of a car, as one or two sealed shares
// (docs/formats.md, "Provisioning").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/identity/epoch_chain.h"
#include "fleet/provision/provision.h"

namespace sudare {

// One age file per authority, in their order. `transfers`: how often the car had changed its owner.
// kRefused: not one or two authorities; errors of age::seal. What it writes in between is wiped.
Result<std::vector<std::string>> seal_shares(const ProvisionOptions& options, std::int64_t day,
                                             std::uint32_t transfers, const RootKey& root);

}  // namespace sudare
