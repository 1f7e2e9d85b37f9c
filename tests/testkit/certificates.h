// Certificates made on the spot through the openssl command. No key of a test is ever in the tree.
#pragma once

#include <filesystem>
#include <string>

namespace sudare::testkit {

struct Certificate {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// A certificate authority of its own (P-256) in `directory`, which must exist.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(std::filesystem::path directory);

  [[nodiscard]] const std::filesystem::path& ca_file() const { return ca_.certificate; }
  // For localhost, 127.0.0.1 and `address`.
  Certificate server(const std::string& name = "server", const std::string& address = "127.0.0.1");
  // Ended in the past.
  Certificate expired_server();
  // For another host name than localhost.
  Certificate server_elsewhere();
  Certificate client(const std::string& name = "client");

 private:
  Certificate issue(const std::string& name, const std::string& extensions,
                    const std::string& validity);

  std::filesystem::path directory_;
  Certificate ca_;
};

}  // namespace sudare::testkit
