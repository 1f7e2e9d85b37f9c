// What an attacker does with whatever bytes there are: looks for private keys in every form in
// which people leave them, and unpacks what is packed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/authority/signing_key.h"
#include "sim/drill/setting.h"

namespace sudare::sim::drill {

// age identities and Sudare's signing keys as text in either case, as UTF-16, in hexadecimal digits
// and in base64; PEM private keys as text and in base64. One thread.
class KeySearch {
 public:
  void search(std::string_view bytes);
  // A file, or all files below a directory, whole; streams inside them are unpacked.
  void search_path(const std::filesystem::path& path);

  [[nodiscard]] const Identities& identities() const { return identities_; }
  [[nodiscard]] const std::vector<SigningKey>& signing_keys() const { return signing_keys_; }
  // DER of PEM private keys.
  [[nodiscard]] const std::set<std::string>& pem_keys() const { return pem_keys_; }
  [[nodiscard]] std::uint64_t found() const {
    return identities_.size() + signing_keys_.size() + pem_keys_.size();
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t files() const { return files_; }

  // Keys that are no text: every 32 bytes of `bytes` are tried as the private key of one of
  // `recipients`, whose public keys anybody may know. Costs 40 µs a byte.
  void try_as_keys(std::string_view bytes, const std::vector<age::Recipient>& recipients);

 private:
  void search_plain(std::string_view bytes);
  void search_encoded(std::string_view bytes);
  void take_identity(std::string_view text);
  void take_signing_key(std::string_view text);
  void take_pem(std::string_view bytes);
  void add(age::open_side::Identity identity);

  Identities identities_;
  std::vector<SigningKey> signing_keys_;
  std::set<std::string> known_;  // public keys of both
  std::set<std::string> pem_keys_;
  std::uint64_t bytes_ = 0;
  std::uint64_t files_ = 0;
};

// Calls with each zstd and gzip stream that begins anywhere in `bytes`, unpacked up to 16 MiB.
void unpack(std::string_view bytes, const std::function<void(std::string_view unpacked)>& each);

// Files, and those below directories, in the order of their names; what can't be read is left out.
void for_each_file(
    const std::filesystem::path& path,
    const std::function<void(const std::filesystem::path& file, std::string_view bytes)>& each);

}  // namespace sudare::sim::drill
