#include "crypto/open/open.h"

#include <algorithm>

#include "crypto/age/header.h"
#include "crypto/age/mac.h"
#include "crypto/open/x25519_unwrap.h"

namespace sudare::age::open_side {
namespace {

constexpr std::size_t kStartBytesMax = kHeaderBytesMax + kPayloadNonceBytes;

// The file key of an authenticated header.
Result<SecretBytes<kFileKeyBytes>> authenticated_file_key(std::span<const Identity> identities,
                                                          const Header& header) {
  TRY(SecretBytes<kFileKeyBytes> file_key, unwrap_file_key(identities, header));
  std::array<std::uint8_t, kMacBytes> expected{};
  header_mac(file_key.bytes(), header.authenticated, expected);
  if (!constant_time_equal(expected, header.mac)) {
    return open_fail(OpenFailure::kMac, ErrorCode::kAuthentication,
                     "age header: the MAC does not authenticate");
  }
  return file_key;
}

}  // namespace

Status open(std::span<const Identity> identities, ByteSpan file, std::string& out) {
  const std::size_t start = out.size();
  OpenStream stream(identities);
  Status opened = stream.push(file, out);
  if (opened) opened = stream.finish(out);
  if (!opened) out.resize(start);
  return opened;
}

Status OpenStream::push(ByteSpan file, std::string& out) {
  if (failed_) return tl::unexpected<Error>(*failed_);
  Status advanced = advance(file, out);
  if (!advanced) failed_ = advanced.error();
  return advanced;
}

Status OpenStream::advance(ByteSpan file, std::string& out) {
  if (payload_) return payload_->push(file, out);
  const std::size_t held = start_.size();
  const std::size_t count = std::min(file.size(), kStartBytesMax - held);
  start_.insert(start_.end(), file.begin(), file.begin() + static_cast<std::ptrdiff_t>(count));
  const Result<std::optional<Header>> parsed = parse_header(start_);
  if (!parsed) return open_fail(OpenFailure::kHeader, parsed.error().code, parsed.error().what);
  const std::optional<Header>& header = *parsed;
  if (!header || start_.size() < header->bytes + kPayloadNonceBytes) return Done{};

  TRY(const SecretBytes<kFileKeyBytes> file_key, authenticated_file_key(identities_, *header));
  const ByteSpan nonce = ByteSpan(start_).subspan(header->bytes);
  payload_.emplace(file_key.bytes(), nonce.first<kPayloadNonceBytes>());
  // What was taken beyond the nonce is taken back from the caller's span.
  const std::size_t used = header->bytes + kPayloadNonceBytes - held;
  start_.clear();
  return payload_->push(file.subspan(used), out);
}

Status OpenStream::finish(std::string& out) {
  if (failed_) return tl::unexpected<Error>(*failed_);
  if (payload_) return payload_->finish(out);
  return open_fail(OpenFailure::kHeader, ErrorCode::kMalformed, "age header: incomplete");
}

}  // namespace sudare::age::open_side
