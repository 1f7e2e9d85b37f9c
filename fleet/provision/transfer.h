// A car changes its owner: new chains in a new store, in the place of the old one.
//
// Invariants
//  1. At every moment outbox.db is the former owner's or the next owner's, never a mix: the new one
//     is made whole in transfer/ and changes places with the old one by one rename.
//  2. What the next owner gets of the former one: the clock's floor day, the serial of the newest
//     policy (or an older policy could come back) and its last valid text, how often the car was
//     transferred, and per purpose the counter of the last consent, without the consent
//     (gateway/consent/consent.h). Nothing else: no queued row, no account, no record numbers, no
//     ledger. Of the same car, its fingerprint (gateway/car); of another one, that one's.
//  3. The root of the new chains is with the relink authority before they are in force.
// Recovery: transfer/ of a transfer that was interrupted, or could not overwrite what is in it, is
// never read; the next start overwrites that, the next transfer removes it. If the interruption
// came after the rename, the transfer is done.
//
// Not here: what a flash chip keeps of blocks that were overwritten, and the unit's certificate and
// network addresses, by which the cloud broker's operator knows the unit before and after.
#pragma once

#include <cstdint>
#include <functional>

#include "fleet/provision/provision.h"

namespace sudare {

enum class TransferStep : std::uint8_t { kMade, kDelivered, kPurged, kSwitched };

struct Transfer {
  std::uint32_t transfers = 0;  // of this car, this one included
  bool overwritten = false;     // the blocks of the former owner's store hold zeros
};

// `reached` is called after each step, for tests of what a power cut there leaves; it may be empty.
// kNotFound: not provisioned. kRefused: a gateway uses the directory, or it holds files that are
// not known to be safe to remove. Errors of the store, of sealing, and of `deliver`: nothing has
// changed.
Result<Transfer> transfer(const ProvisionOptions& options, const Clock& clock,
                          const DeliverShares& deliver,
                          const std::function<void(TransferStep)>& reached);

}  // namespace sudare
