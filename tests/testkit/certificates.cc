#include "tests/testkit/certificates.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/testkit/process.h"

namespace sudare::testkit {
namespace {

// Valid from 2020 on, for twenty years: units whose clock is wrong judge them by the day of their
// build, which may lie long before the test.
void openssl(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"faketime", "2020-01-01 00:00:00", "openssl"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  // faketime names a semaphore after its process; one that was killed leaves it behind, and meets
  // the next process of that number.
  constexpr int kAttemptsMax = 5;
  RunResult result = run(all);
  for (int i = 1; i < kAttemptsMax && result.errors.find("sem_open") != std::string::npos; ++i) {
    result = run(all);
  }
  if (result.status != 0) throw std::runtime_error("openssl: " + result.errors);
}

constexpr const char* kLocalhost = "subjectAltName=DNS:localhost,IP:127.0.0.1";
constexpr const char* kAuthoritySettings = R"([ca]
default_ca = this
[this]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
)";

}  // namespace

CertificateAuthority::CertificateAuthority(std::filesystem::path directory)
    : directory_(std::move(directory)), ca_{directory_ / "ca.pem", directory_ / "ca.key"} {
  std::filesystem::create_directories(directory_);
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-keyout", ca_.key, "-out", ca_.certificate, "-days", "7300", "-subj",
           "/CN=sudare test authority", "-addext", "basicConstraints=critical,CA:TRUE"});
}

Certificate CertificateAuthority::server(const std::string& name, const std::string& address) {
  return issue(name, std::string(kLocalhost) + ",IP:" + address, "");
}
Certificate CertificateAuthority::expired_server() {
  return issue("expired", kLocalhost, "20010101000000Z-20020101000000Z");
}
Certificate CertificateAuthority::server_elsewhere() {
  return issue("elsewhere", "subjectAltName=DNS:elsewhere.example", "");
}
Certificate CertificateAuthority::client(const std::string& name) {
  return issue(name, "extendedKeyUsage=clientAuth", "");
}

Certificate CertificateAuthority::issue(const std::string& name, const std::string& extensions,
                                        const std::string& validity) {
  const Certificate made{directory_ / (name + ".pem"), directory_ / (name + ".key")};
  const std::string request = directory_ / (name + ".csr");
  const std::string extension_file = directory_ / (name + ".ext");
  std::ofstream(extension_file) << extensions << "\n";
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
           made.key, "-out", request, "-subj", "/CN=" + name});
  if (validity.empty()) {
    openssl({"x509", "-req", "-in", request, "-CA", ca_.certificate, "-CAkey", ca_.key,
             "-CAcreateserial", "-days", "7300", "-extfile", extension_file, "-out",
             made.certificate});
    return made;
  }
  // Only `openssl ca` sets both ends of the validity.
  std::ostringstream settings;
  std::string text = kAuthoritySettings;
  const auto place = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  place("new_certs_dir = .", "new_certs_dir = " + directory_.string());
  place("database = index.txt", "database = " + (directory_ / "index.txt").string());
  const std::string settings_file = directory_ / "ca.conf";
  std::ofstream(settings_file) << text;
  std::ofstream(directory_ / "index.txt").flush();
  const std::size_t dash = validity.find('-');
  openssl({"ca", "-batch", "-config", settings_file, "-cert", ca_.certificate, "-keyfile", ca_.key,
           "-in", request, "-extfile", extension_file, "-startdate", validity.substr(0, dash),
           "-enddate", validity.substr(dash + 1), "-out", made.certificate, "-notext"});
  return made;
}

}  // namespace sudare::testkit
