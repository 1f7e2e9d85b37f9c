#include "fleet/doctor/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cctype>
#include <memory>
#include <string_view>

#include "gateway/policy/operator_file.h"

namespace sudare::doctor {
namespace {

constexpr std::size_t kCertificateBytesMax = std::size_t{256} * 1024;
constexpr std::size_t kVinCharacters = 17;

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// A word of 17 characters from a VIN's alphabet, with letters and digits (ISO 3779). A broker sees
// the name of a certificate and may log it.
bool names_a_car(const X509_NAME* subject) {
  std::array<char, 512> line{};
  X509_NAME_oneline(subject, line.data(), line.size());
  std::size_t length = 0;
  std::size_t digits = 0;
  for (const char c : std::string_view(line.data())) {
    const bool digit = c >= '0' && c <= '9';
    const bool of_vin = digit || (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O' && c != 'Q');
    if (!of_vin) {
      if (length == kVinCharacters && digits > 0) return true;
      length = digits = 0;
      continue;
    }
    ++length;
    digits += digit ? 1 : 0;
  }
  return length == kVinCharacters && digits > 0;
}

}  // namespace

std::int64_t days_left(const x509_st* certificate) {
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1) return -1;
  return seconds < 0 ? days - 1 : days;
}

void judge_days(std::int64_t days, const std::string& what, const std::string& where,
                Check& check) {
  if (days < 0) {
    check.problem(what + " has ended", "a new one", where);
  } else if (days < kDaysLeftLeast) {
    check.warning(what + " ends in " + std::to_string(days) + " days", "renew it now", where);
  }
}

void check_certificate_file(const std::string& file, Check& check) {
  const auto text = read_operator_file(file, kCertificateBytesMax);
  if (!text) {
    check.problem("the certificate can't be read", "check the path and its permissions", file);
    return;
  }
  const std::unique_ptr<BIO, Free> bio(
      BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) {
    check.problem("it holds no certificate", "PEM, the certificate first, then its chain", file);
    return;
  }
  judge_days(days_left(certificate.get()), "the certificate", file, check);
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    check.problem("the certificate does not hold yet", "is the clock right?", file);
  }
  if (names_a_car(X509_get_subject_name(certificate.get()))) {
    check.warning("the certificate's name looks like a VIN: the broker sees and logs it",
                  "a name that says the role, or a random one", file);
  }
}

void check_key_file(const std::string& file, Check& check) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) {
    check.problem("the private key can't be read", "check the path and its permissions", file);
  } else if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    check.problem("others may read the private key", "chmod 600", file);
  }
}

}  // namespace sudare::doctor
