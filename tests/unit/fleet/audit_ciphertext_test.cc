// Ciphertext holds nothing: the audit must not see faces in clouds, however much it is given to
// look for. Seeds are printed, so that what failed can be seen again.
#include <gmock/gmock.h>

#include <array>
#include <random>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "crypto/seal/seal.h"
#include "fleet/audit/audit.h"

namespace sudare {
namespace {

std::string random_string(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// A city's worth of positions, and the identifiers of many cars.
AuditInputs many_inputs(std::mt19937_64& random) {
  AuditInputs inputs;
  constexpr int kPositions = 100'000;
  constexpr int kIdentifiers = 2000;
  std::uniform_int_distribution<std::int32_t> offset(0, 5'000'000);
  for (int i = 0; i < kPositions; ++i) {
    inputs.positions.push_back({354'000'000 + offset(random), 1'395'000'000 + offset(random)});
  }
  for (int i = 0; i < kIdentifiers; ++i) {
    inputs.identifiers.push_back("ID" + std::to_string(random() % 100'000'000));
  }
  return inputs;
}

class AuditCiphertext : public testing::Test {
 protected:
  AuditCiphertext() : seed_(std::random_device()()), random_(seed_) {
    RecordProperty("seed", std::to_string(seed_));
    inputs_ = many_inputs(random_);
  }
  void expect_clean(const Auditor& auditor) const {
    const AuditReport report = auditor.report();
    EXPECT_EQ(report.total(), 0U) << "seed " << seed_;
    for (const auto& [what, count] : report.findings) ADD_FAILURE() << count << " " << what;
  }

  unsigned seed_;
  std::mt19937_64 random_;
  AuditInputs inputs_;
};

TEST_F(AuditCiphertext, RandomBytesHoldNothing) {
  Auditor auditor(inputs_);
  constexpr std::size_t kMegabyte = 1'000'000;
  for (int i = 0; i < 64; ++i) {
    auditor.scan_bytes("random", random_string(random_, kMegabyte), [](const AuditFinding&) {});
  }
  expect_clean(auditor);
}

TEST_F(AuditCiphertext, TwoThousandAgeFilesHoldNothing) {
  ASSERT_TRUE(crypto_init());
  const auto identity = age::open_side::Identity::generate();
  const std::array<age::Recipient, 1> to{identity.recipient()};
  Auditor auditor(inputs_);
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    std::string file;
    ASSERT_TRUE(age::seal(to, bytes_of(std::string(4096, 'p')), file));
    auditor.scan_bytes("batch.age", file, [](const AuditFinding&) {});
    all += file;
  }
  auditor.scan_bytes("rows", all, [](const AuditFinding&) {});
  expect_clean(auditor);
}

TEST_F(AuditCiphertext, WouldNoticeOnePlantedAmongRandomBytes) {
  std::string bytes = random_string(random_, 1'000'000);
  bytes.replace(500'000, inputs_.identifiers[7].size(), inputs_.identifiers[7]);
  Auditor auditor(inputs_);
  auditor.scan_bytes("random", bytes, [](const AuditFinding&) {});
  EXPECT_EQ(auditor.report().found_identifiers, 1U);
}

}  // namespace
}  // namespace sudare
