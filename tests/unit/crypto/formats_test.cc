// Computes the worked examples of docs/formats.md from their phrases and compares them with the
// page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "crypto/hkdf.h"
#include "crypto/identity/encoding.h"
#include "crypto/identity/padme.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "crypto/seal/seal.h"
#include "fleet/authority/policy_signature.h"
#include "fleet/authority/signed_list.h"
#include "gateway/car/car_fingerprint.h"
#include "gateway/policy/recipient_certificate.h"
#include "gateway/policy/signed_policy.h"
#include "sudare/v1/authority.pb.h"
#include "sudare/v1/batch.pb.h"
#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

constexpr std::string_view kPurpose = "traffic";
constexpr std::uint16_t kDays = 28;
constexpr std::int64_t kUnixDay = 20'000;
constexpr std::uint32_t kEpoch = 714;

SecretBytes<32> digest_of(std::string_view phrase) {
  SecretBytes<32> digest;
  sha256({bytes_of(phrase)}, digest.bytes());
  return digest;
}

std::string page() {
  const char* source = std::getenv("SUDARE_SOURCE_DIR");
  return testkit::read_file(std::filesystem::path(source == nullptr ? "." : source) /
                            "docs/formats.md");
}

std::string bytes_of_hex(const std::string& line) {
  std::string bytes;
  std::string digits;
  for (const char c : line) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  EXPECT_EQ(digits, "");
  return bytes;
}

// In blocks marked `example`: "name =", and then indented lines of hexadecimal digits.
std::map<std::string, std::string> examples() {
  std::map<std::string, std::string> found;
  std::istringstream lines(page());
  std::string name;
  bool is_example = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) is_example = line == "```example";
    else if (is_example && line.rfind("  ", 0) == 0) found[name] += bytes_of_hex(line);
    else if (is_example) name = line.substr(0, line.rfind(" ="));
  }
  return found;
}

// The examples of the page, and which of them were compared.
class FormatsTest : public testing::Test {
 protected:
  void expect(const std::string& name, ByteSpan computed) {
    ASSERT_TRUE(examples_.contains(name)) << name;
    EXPECT_EQ(examples_.at(name), text_of(computed)) << name;
    compared_.insert(name);
  }
  [[nodiscard]] ByteSpan example(const std::string& name) const {
    return bytes_of(examples_.at(name));
  }
  static ChainKey chain() {
    return std::move(*chain_start(digest_of("sudare worked example: vehicle"), kDays));
  }
  static EpochKey key() { return std::move(*epoch_key(chain(), kPurpose, kDays, kEpoch)); }
  static std::vector<age::open_side::Identity> identities() {
    std::vector<age::open_side::Identity> made;
    made.push_back(
        age::open_side::Identity::from_key(digest_of("sudare worked example: recipient")));
    return made;
  }

  void compare_chain();
  void compare_recipient();
  void compare_batch();
  void compare_file();
  void compare_member_list();
  void compare_signed_policy();
  void compare_certificate();
  static SigningKey authority() {
    SecretBytes<kSigningKeyCharacters> text;
    bech32_encode(kSigningKeyPrefix, digest_of("sudare worked example: authority").bytes(),
                  text.bytes());
    return std::move(*SigningKey::parse(text.bytes()));
  }
  void compare_fingerprint();

  std::map<std::string, std::string> examples_ = examples();
  std::set<std::string> compared_;
};

void FormatsTest::compare_chain() {
  EXPECT_EQ(epoch_of_day(kDays, kUnixDay), kEpoch);
  expect("root", digest_of("sudare worked example: vehicle").bytes());
  expect("chain(28, 714)", chain().bytes());
  expect("chain(28, 715)", chain_step(chain()).bytes());

  std::string context;
  append_length_prefixed(context, kPurpose);
  append_big_endian(context, kDays);
  append_big_endian(context, kEpoch);
  expect("context", bytes_of(context));
  SecretBytes<32> epoch_secret;
  hkdf_expand(chain().bytes(), {bytes_of(label("sudare/v1/epoch")), bytes_of(context)},
              epoch_secret.bytes());
  expect("E", epoch_secret.bytes());
  expect("seed", key().keypair.bytes().first<kEd25519SeedBytes>());
  expect("public key", key().public_key);
  expect("pseudonym", key().pseudonym);
}

void FormatsTest::compare_recipient() {
  const age::Recipient recipient = identities()[0].recipient();
  EXPECT_THAT(page(), testing::HasSubstr("`" + recipient.to_string() + "`"));
  expect("recipient public key", recipient.public_key());
  expect("key id", recipient.key_id());
}

void FormatsTest::compare_batch() {
  v1::Batch batch;
  ASSERT_TRUE(batch.ParseFromString(std::string(text_of(example("batch")))));
  expect("batch", bytes_of(batch.SerializeAsString()));
  EXPECT_EQ(batch.purpose(), kPurpose);
  EXPECT_EQ(batch.pseudonym(), text_of(key().pseudonym));
  EXPECT_EQ(batch.recipient_key_ids(0), text_of(identities()[0].recipient().key_id()));
  EXPECT_EQ(batch.records(0).payload(), "{\"speed_kmh\":60}");
  // Another version of zstd may compress to other bytes, so the page's are decompressed.
  std::string decompressed;
  ASSERT_TRUE(decompress_batch(example("compressed"), decompressed).has_value());
  EXPECT_EQ(text_of(example("batch")), decompressed);
  compared_.insert("compressed");
}

void FormatsTest::compare_file() {
  const ByteSpan compressed = example("compressed");
  const Signature signature = *sign_batch(key(), kPurpose, compressed);
  expect("signing input", bytes_of(*signing_input(kPurpose, compressed)));
  expect("signature", signature);

  const std::size_t least = signed_batch_bytes(compressed.size(), true);
  EXPECT_EQ(least, 243U);
  EXPECT_EQ(padme_bytes(least), 256U);
  std::string signed_batch;
  ASSERT_TRUE(write_signed_batch(compressed, BatchProof{key().public_key, signature},
                                 padme_bytes(least), signed_batch)
                  .has_value());
  expect("signed batch", bytes_of(signed_batch));

  // Sealing is random, so the page's file is opened.
  std::string plaintext;
  ASSERT_TRUE(age::open_side::open(identities(), example("age file"), plaintext).has_value());
  EXPECT_EQ(plaintext, signed_batch);
  EXPECT_EQ(example("age file").size(), age::sealed_bytes(1, signed_batch.size()));
  compared_.insert("age file");
}

void FormatsTest::compare_member_list() {
  const SigningKey signer = authority();
  EXPECT_THAT(page(), testing::HasSubstr("`" + signer.authority().to_string() + "`"));
  expect("authority public key", signer.authority().bytes);
  v1::MemberListHeader header;
  header.set_version(1);
  header.set_purpose(std::string(kPurpose));
  header.set_epoch_days(kDays);
  header.set_epoch(kEpoch);
  header.set_issued_day(kUnixDay);
  header.set_not_after_day(kUnixDay + 90);
  header.set_serial(1);
  SignedList list{header.SerializeAsString(), {{}, key().pseudonym}};
  list.entries[0].fill(1);
  expect("member list header", bytes_of(list.header));
  const auto file = write_signed_list(ListKind::kMembers, list, signer);
  ASSERT_TRUE(file.has_value());
  expect("member list", bytes_of(*file));
}

void FormatsTest::compare_signed_policy() {
  const std::string text = "language: 1\nserial: 1\nnot_after: \"2028-12-31\"\n";
  const auto file = sign_policy(text, authority());
  ASSERT_TRUE(file.has_value());
  EXPECT_THAT(page(), testing::HasSubstr("    " + file->substr(text.size())));
  expect("policy signing input", bytes_of(policy_signing_input(text)));
  expect("policy signature", read_signed_policy(*file)->signatures.at(0).signature);
}

void FormatsTest::compare_certificate() {
  v1::RecipientCert certificate;
  certificate.set_purpose(std::string(kPurpose));
  certificate.set_recipient(identities()[0].recipient().to_string());
  certificate.set_serial(1);
  certificate.set_not_before_day(kUnixDay);
  certificate.set_not_after_day(kUnixDay + 90);
  expect("certificate", bytes_of(certificate.SerializeAsString()));
  const std::string input = certificate_signing_input(certificate);
  expect("certificate signing input", bytes_of(input));
  expect("certificate signature", authority().sign(input));
  const auto token =
      certify({std::string(kPurpose), identities()[0].recipient(), 1, kUnixDay, kUnixDay + 90},
              authority());
  ASSERT_TRUE(token.has_value());
  EXPECT_THAT(page(), testing::HasSubstr("`" + *token + "`"));
}

void FormatsTest::compare_fingerprint() {
  using Match = CarFingerprint::Match;
  for (const auto& [name, frame] :
       {std::pair{"fingerprint", "ZVW30-1234567"}, std::pair{"fingerprint of the VIN", ""}}) {
    ASSERT_TRUE(examples_.contains(name)) << name;
    const auto read = CarFingerprint::decode(examples_.at(name));
    ASSERT_TRUE(read) << name;
    // Decoding says nothing of the hashes: the numbers do, and others must not.
    EXPECT_EQ(read->match("JTDKB20U793012345", frame), Match::kSame) << name;
    EXPECT_EQ(read->match("JTDKB20U793012347", frame), Match::kOther) << name;
    EXPECT_TRUE(read->covers("JTDKB20U793012345", frame)) << name;
    EXPECT_EQ(text_of(digest_of("sudare worked example: salt").bytes()).substr(0, 16),
              examples_.at(name).substr(2, 16));
    expect(name, bytes_of(read->encode()));
  }
}

TEST_F(FormatsTest, TheWorkedExampleIsWhatTheCodeComputes) {
  compare_chain();
  compare_recipient();
  compare_batch();
  compare_file();
  compare_member_list();
  compare_signed_policy();
  compare_certificate();
  compare_fingerprint();
  for (const auto& [name, bytes] : examples_) {
    EXPECT_TRUE(compared_.count(name) == 1) << "on the page, but not compared: " << name;
  }
}

TEST_F(FormatsTest, TheSizesOnThePageAreThoseOfTheCode) {
  EXPECT_EQ(age::kVersionLine.size(), 22U);
  EXPECT_EQ(age::kX25519StanzaBytes, 98U);
  EXPECT_EQ(age::header_bytes(0), 22U + 48U);
}

}  // namespace
}  // namespace sudare
