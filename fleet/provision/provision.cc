#include "fleet/provision/provision.h"

#include <array>
#include <memory>
#include <utility>

#include "crypto/identity/shares.h"
#include "crypto/seal/seal.h"
#include "crypto/secret_bytes.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/store.h"
#include "sudare/v1/provisioning.pb.h"

namespace sudare {
namespace {

constexpr std::size_t kShareIdBytes = 16;
constexpr std::size_t kAuthoritiesMax = 2;
constexpr std::uint32_t kFormatVersion = 1;

// Protobuf keeps bytes in std::string: everything that holds the root is overwritten before it
// goes.
void wipe(std::string& text) {
  sudare::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

SecretBuffer serialized(v1::Provisioning& record) {
  SecretBuffer bytes(record.ByteSizeLong());
  record.SerializeWithCachedSizesToArray(bytes.bytes().data());
  wipe(*record.mutable_root());
  return bytes;
}

Result<std::string> seal_share(const age::Recipient& authority, ByteSpan id, std::size_t index,
                               std::size_t count, ByteSpan bytes) {
  v1::ProvisioningShare share;
  share.set_version(kFormatVersion);
  share.set_id(std::string(text_of(id)));
  share.set_index(static_cast<std::uint32_t>(index));
  share.set_count(static_cast<std::uint32_t>(count));
  share.mutable_bytes()->assign(text_of(bytes));
  SecretBuffer plaintext(share.ByteSizeLong());
  share.SerializeWithCachedSizesToArray(plaintext.bytes().data());
  wipe(*share.mutable_bytes());
  std::string sealed;
  const std::array<age::Recipient, 1> to{authority};
  TRY(age::seal(to, plaintext.bytes(), sealed));
  return sealed;
}

Result<std::vector<std::string>> seal_shares(const ProvisionOptions& options, std::int64_t day,
                                             const RootKey& root) {
  v1::Provisioning record;
  record.set_version(kFormatVersion);
  record.mutable_root()->assign(text_of(root.bytes()));
  record.set_day(static_cast<std::uint32_t>(day));
  record.set_vin(options.identity.vin);
  record.set_frame_number(options.identity.frame_number);
  record.set_terminal_number(options.identity.terminal_number);
  const SecretBuffer bytes = serialized(record);

  std::array<std::uint8_t, kShareIdBytes> id{};
  random_bytes(id);
  std::vector<std::string> sealed;
  if (options.authorities.size() == 1) {
    TRY(sealed.emplace_back(), seal_share(options.authorities[0], id, 1, 1, bytes.bytes()));
    return sealed;
  }
  const Shares shares = split_secret(bytes.bytes());
  TRY(sealed.emplace_back(), seal_share(options.authorities[0], id, 1, 2, shares.first.bytes()));
  TRY(sealed.emplace_back(), seal_share(options.authorities[1], id, 2, 2, shares.second.bytes()));
  return sealed;
}

}  // namespace

Status provision(const ProvisionOptions& options, const Clock& clock,
                 const DeliverShares& deliver) {
  if (options.authorities.empty() || options.authorities.size() > kAuthoritiesMax) {
    return fail(ErrorCode::kRefused, "provision: one or two relink authorities");
  }
  StoreOptions store_options;
  store_options.directory = options.state_directory;
  store_options.quota_bytes = kQuotaBytesMin;  // the gateway opens it with its own
  TRY(const std::unique_ptr<Store> store, Store::open(store_options, clock));
  TRY(const std::vector<StateEntry> present, store->states("epochs"));
  if (!present.empty()) return fail(ErrorCode::kRefused, "provision: this unit is provisioned");

  CommitGroup group;
  const std::int64_t day = clock.wall_ms() / kMsPerDay;
  TRY(const RootKey root, Epochs::provision(day, group.state));
  TRY(const std::vector<std::string> shares, seal_shares(options, day, root));
  TRY(deliver(shares));
  const Result<CommitSummary> committed = store->commit(group);
  wipe_values(group.state);
  if (!committed) return tl::unexpected<Error>(committed.error());
  return Done{};
}

}  // namespace sudare
