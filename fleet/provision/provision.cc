#include "fleet/provision/provision.h"

#include <memory>

#include "fleet/provision/sealed_shares.h"
#include "gateway/car/car_check.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/store.h"

namespace sudare {

Status provision(const ProvisionOptions& options, const Clock& clock,
                 const DeliverShares& deliver) {
  StoreOptions store_options;
  store_options.directory = options.state_directory;
  store_options.disk = options.disk;
  store_options.quota_bytes = kQuotaBytesMin;  // the gateway opens it with its own
  TRY(const std::unique_ptr<Store> store, Store::open(store_options, clock));
  TRY(const std::vector<StateEntry> present, store->states(kChainsModule));
  if (!present.empty()) return fail(ErrorCode::kRefused, "provision: this unit is provisioned");

  CommitGroup group;
  const std::int64_t day = clock.wall_ms() / kMsPerDay;
  if (options.fingerprint) {
    CarCheck::provision(*options.fingerprint, group.state);
  } else {
    TRY(CarCheck::provision({}, options.identity.vin, options.identity.frame_number, group.state));
  }
  TRY(const RootKey root, Epochs::provision(day, group.state));
  TRY(const std::vector<std::string> shares, seal_shares(options, day, 0, root));
  TRY(deliver(shares));
  const Result<CommitSummary> committed = store->commit(group);
  wipe_values(group.state);
  if (!committed) return tl::unexpected<Error>(committed.error());
  return Done{};
}

}  // namespace sudare
