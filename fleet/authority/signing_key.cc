#include "fleet/authority/signing_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "fleet/cli/descriptor.h"
#include "fleet/cli/keys.h"

namespace sudare {
namespace {

constexpr Literal kNotWritten = "signing key: write";

Status write_key(int descriptor, const SigningKey& key) {
  const std::string comment = "# public key: " + key.authority().to_string() + "\n";
  TRY(write_all(descriptor, comment, kNotWritten));
  const SecretBytes<kSigningKeyCharacters> text = key.encode();
  TRY(write_all(descriptor, text_of(text.bytes()), kNotWritten));
  TRY(write_all(descriptor, "\n", kNotWritten));
  if (fsync(descriptor) != 0) return fail(ErrorCode::kIo, "signing key: fsync", errno);
  return Done{};
}

}  // namespace

SigningKey::SigningKey(const SecretBytes<kEd25519SeedBytes>& seed) {
  crypto_sign_ed25519_seed_keypair(authority_.bytes.data(), keypair_.bytes().data(),
                                   seed.bytes().data());
}

SigningKey SigningKey::generate() {
  SecretBytes<kEd25519SeedBytes> seed;
  random_bytes(seed.bytes());
  return SigningKey(seed);
}

Result<SigningKey> SigningKey::parse(ByteSpan text) {
  SecretBytes<kEd25519SeedBytes> seed;
  if (!bech32_decode(kSigningKeyPrefix, text, seed.bytes())) {
    return fail(ErrorCode::kMalformed, "not a signing key");
  }
  return SigningKey(seed);
}

SecretBytes<kSigningKeyCharacters> SigningKey::encode() const {
  SecretBytes<kSigningKeyCharacters> text;
  bech32_encode(kSigningKeyPrefix, keypair_.bytes().first<kEd25519SeedBytes>(), text.bytes());
  return text;
}

Signature SigningKey::sign(std::string_view message) const {
  Signature signature{};
  crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(message).data(), message.size(),
                               keypair_.bytes().data());
  return signature;
}

Result<SigningKey> parse_signing_key_file(ByteSpan text) {
  std::optional<SigningKey> found;
  std::int64_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const auto end = std::find(text.begin(), text.end(), '\n');
    const auto length = static_cast<std::size_t>(end - text.begin());
    ByteSpan line = text.first(length);
    text = text.subspan(std::min(length + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
    if (line.empty() || line.front() == '#') continue;
    Result<SigningKey> key = SigningKey::parse(line);
    if (!key || found) {
      return fail(ErrorCode::kMalformed, "signing key file: not one signing key", line_number);
    }
    found = std::move(*key);
  }
  if (!found) return fail(ErrorCode::kMalformed, "signing key file: no signing key");
  return std::move(*found);
}

Result<SigningKey> read_signing_key(const std::filesystem::path& path) {
  TRY(const SecretBuffer text, cli::read_secret(path));
  return parse_signing_key_file(text.bytes());
}

Status create_signing_key_file(const std::filesystem::path& path, const SigningKey& key) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(errno == EEXIST ? ErrorCode::kRefused : ErrorCode::kIo, "signing key: create",
                errno);
  }
  const Status written = write_key(file, key);
  close(file);
  return written;
}

}  // namespace sudare
