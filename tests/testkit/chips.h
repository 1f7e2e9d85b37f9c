// Chips that keep a key: a token that speaks PKCS#11 (SoftHSM) and a TPM 2.0 (swtpm), each of a
// test's own. A key that a certificate authority has issued is moved into them: its file is gone
// then.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/testkit/process.h"

namespace sudare::testkit {

using Environment = std::vector<std::pair<std::string, std::string>>;

// Throws std::runtime_error where a tool fails. Sets SOFTHSM2_CONF of this process too.
class SoftToken {
 public:
  explicit SoftToken(std::filesystem::path directory);
  // The key's file is removed.
  void take(const std::filesystem::path& key);

  // Takes the token away, and brings it back.
  void pull() const;
  void plug() const;

  [[nodiscard]] static std::string module();
  // The same, but counts how often this process has it log in: what a chip counts before it locks.
  // A test that names it depends on the target sudare_counting_token.
  [[nodiscard]] static std::string counting_module();
  // -1: it was not loaded.
  [[nodiscard]] static int logins();
  [[nodiscard]] std::string uri() const { return "pkcs11:token=unit;object=tls;type=private"; }
  [[nodiscard]] std::filesystem::path pin_file() const { return directory_ / "pin"; }
  [[nodiscard]] std::filesystem::path store() const { return directory_ / "tokens"; }
  [[nodiscard]] std::filesystem::path configuration() const { return directory_ / "softhsm2.conf"; }
  [[nodiscard]] Environment environment() const;
  // Lines within tls { }.
  [[nodiscard]] std::string tls() const;

 private:
  std::filesystem::path directory_;
};

// The same of swtpm, a process with a TCP port on loopback.
class SoftTpm {
 public:
  explicit SoftTpm(std::filesystem::path directory);
  void take(const std::filesystem::path& key);

  [[nodiscard]] std::string uri() const { return "handle:0x81000001"; }
  [[nodiscard]] std::filesystem::path pin_file() const { return directory_ / "pin"; }
  [[nodiscard]] Environment environment() const;
  [[nodiscard]] std::string tls() const;

 private:
  void tool(std::vector<std::string> command) const;
  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

// Whether Debian's packages for them are there.
[[nodiscard]] bool has_soft_token();
[[nodiscard]] bool has_soft_tpm();

}  // namespace sudare::testkit
