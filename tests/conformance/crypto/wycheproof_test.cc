// Project Wycheproof's vectors for the primitives that age and our signatures are composed of.
#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/crypto_init.h"
#include "crypto/hkdf.h"
#include "crypto/x25519.h"
#include "tests/testkit/fixtures.h"

namespace sudare {
namespace {

using Json = nlohmann::json;
using Hex = std::vector<std::uint8_t>;

Hex hex(const Json& object, const char* name) {
  const std::string text = object.at(name).get<std::string>();
  Hex bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  }
  return bytes;
}

bool has_flag(const Json& test, const std::string& flag) {
  for (const Json& given : test.at("flags")) {
    if (given == flag) return true;
  }
  return false;
}

// Runs `check` over every vector of a file. It returns whether our code accepts the vector.
void run(const std::filesystem::path& path, std::size_t expected_count,
         const std::function<bool(const Json& group, const Json& test)>& check) {
  ASSERT_TRUE(crypto_init().has_value());
  std::ifstream in(path);
  const Json file = Json::parse(in);
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (const Json& group : file.at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE("tcId " + test.at("tcId").dump() + ": " + test.at("comment").dump());
      const bool is_accepted = check(group, test);
      const std::string result = test.at("result");
      // "acceptable" leaves it to us; the check itself says what we then do.
      if (result != "acceptable") {
        EXPECT_EQ(is_accepted, result == "valid");
      }
      ++(is_accepted ? accepted : refused);
    }
  }
  EXPECT_EQ(accepted + refused, expected_count);
  EXPECT_EQ(accepted + refused, file.at("numberOfTests").get<std::size_t>());
  std::printf("%s: %zu accepted, %zu refused\n", path.filename().c_str(), accepted, refused);
}

TEST(WycheproofTest, X25519) {
  SUDARE_FIXTURE_OR_SKIP(path, "crypto/wycheproof_x25519_test.json");
  run(path, 518, [](const Json&, const Json& test) {
    const Hex scalar = hex(test, "private");
    const Hex point = hex(test, "public");
    std::array<std::uint8_t, kX25519Bytes> out{};
    if (scalar.size() != out.size() || point.size() != out.size()) return false;
    const bool computed =
        x25519(ByteSpan(scalar).first<32>(), ByteSpan(point).first<32>(), out).has_value();
    // A shared secret of zeros is what age refuses; everything else must come out as stated.
    EXPECT_EQ(computed, !has_flag(test, "ZeroSharedSecret"));
    if (computed) {
      EXPECT_EQ(Hex(out.begin(), out.end()), hex(test, "shared"));
    }
    return computed;
  });
}

TEST(WycheproofTest, ChaCha20Poly1305) {
  SUDARE_FIXTURE_OR_SKIP(path, "crypto/wycheproof_chacha20_poly1305_test.json");
  run(path, 325, [](const Json&, const Json& test) {
    const Hex key = hex(test, "key");
    const Hex nonce = hex(test, "iv");
    const Hex aad = hex(test, "aad");
    const Hex message = hex(test, "msg");
    const Hex tag = hex(test, "tag");
    Hex sealed = hex(test, "ct");
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    // The type of our nonces has 12 bytes; other lengths can't be written down.
    if (nonce.size() != crypto_aead_chacha20poly1305_IETF_NPUBBYTES) return false;
    Hex opened(message.size());
    const bool authentic = crypto_aead_chacha20poly1305_ietf_decrypt(
                               opened.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                               aad.data(), aad.size(), nonce.data(), key.data()) == 0;
    if (!authentic) return false;
    EXPECT_EQ(opened, message);
    Hex again(sealed.size());
    crypto_aead_chacha20poly1305_ietf_encrypt(again.data(), nullptr, message.data(), message.size(),
                                              aad.data(), aad.size(), nullptr, nonce.data(),
                                              key.data());
    EXPECT_EQ(again, sealed);
    return true;
  });
}

TEST(WycheproofTest, HkdfSha256) {
  SUDARE_FIXTURE_OR_SKIP(path, "crypto/wycheproof_hkdf_sha256_test.json");
  run(path, 86, [](const Json&, const Json& test) {
    const std::size_t size = test.at("size");
    if (size > kHkdfOutputBytesMax) return false;
    Hex out(size);
    hkdf_sha256(hex(test, "salt"), hex(test, "ikm"), hex(test, "info"), out);
    return out == hex(test, "okm");
  });
}

TEST(WycheproofTest, HmacSha256) {
  SUDARE_FIXTURE_OR_SKIP(path, "crypto/wycheproof_hmac_sha256_test.json");
  run(path, 174, [](const Json& group, const Json& test) {
    Hex out(kSha256Bytes);
    const Hex message = hex(test, "msg");
    hmac_sha256(hex(test, "key"), {ByteSpan(message)}, MutableByteSpan(out).first<kSha256Bytes>());
    out.resize(group.at("tagSize").get<std::size_t>() / 8);
    return out == hex(test, "tag");
  });
}

TEST(WycheproofTest, Ed25519) {
  SUDARE_FIXTURE_OR_SKIP(path, "crypto/wycheproof_ed25519_test.json");
  run(path, 151, [](const Json& group, const Json& test) {
    const Hex public_key = hex(group.at("publicKey"), "pk");
    const Hex message = hex(test, "msg");
    const Hex signature = hex(test, "sig");
    // The type of our signatures has 64 bytes.
    if (signature.size() != crypto_sign_ed25519_BYTES) return false;
    return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                               public_key.data()) == 0;
  });
}

}  // namespace
}  // namespace sudare
