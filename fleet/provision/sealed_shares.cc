#include "fleet/provision/sealed_shares.h"

#include <array>
#include <utility>

#include "crypto/identity/shares.h"
#include "crypto/seal/seal.h"
#include "crypto/secret_bytes.h"
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

}  // namespace

Result<std::vector<std::string>> seal_shares(const ProvisionOptions& options, std::int64_t day,
                                             std::uint32_t transfers, const RootKey& root) {
  if (options.authorities.empty() || options.authorities.size() > kAuthoritiesMax) {
    return fail(ErrorCode::kRefused, "provision: one or two relink authorities");
  }
  v1::Provisioning record;
  record.set_version(kFormatVersion);
  record.mutable_root()->assign(text_of(root.bytes()));
  record.set_day(static_cast<std::uint32_t>(day));
  record.set_vin(options.identity.vin);
  record.set_frame_number(options.identity.frame_number);
  record.set_terminal_number(options.identity.terminal_number);
  record.set_transfers(transfers);
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

}  // namespace sudare
