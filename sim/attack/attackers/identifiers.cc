#include "sim/attack/attackers/identifiers.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace sudare::sim::attack {

namespace {

// 32 bits: among a million identifiers and a thousand values one false hit in four runs.
constexpr std::size_t kHashDigitsLeast = 8;
constexpr std::size_t kBase64DigitsLeast = 11;

bool is_base64(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '/' || c == '-' || c == '_';
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Lower case, full-width ASCII made narrow, spaces and hyphens gone.
std::string normal(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    // U+FF01 … U+FF5E in UTF-8: EF BC 81 … EF BD 9E.
    if (c == 0xEF && i + 2 < text.size()) {
      const auto middle = static_cast<unsigned char>(text[i + 1]);
      const auto last = static_cast<unsigned char>(text[i + 2]);
      if (middle == 0xBC || middle == 0xBD) {
        const int offset = (middle - 0xBC) * 64 + (last - 0x80);
        if (offset >= 1 && offset <= 0x5E) {
          c = static_cast<unsigned char>(offset + 0x20);
          i += 2;
        }
      }
    }
    if (c == ' ' || c == '-' || c == '_' || c == '.' || c == ':') continue;
    result.push_back(lower(static_cast<char>(c)));
  }
  return result;
}

std::vector<std::vector<unsigned char>> digests(const std::string& text) {
  std::vector<std::vector<unsigned char>> all;
  for (const EVP_MD* kind : {EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha512(), EVP_blake2b512()}) {
    std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr) != 1) continue;
    digest.resize(size);
    all.push_back(std::move(digest));
  }
  for (const std::size_t size : {std::size_t(16), std::size_t(32)}) {
    std::vector<unsigned char> digest(size);
    crypto_generichash(digest.data(), size, reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
    all.push_back(std::move(digest));
  }
  return all;
}

std::string hex(const std::vector<unsigned char>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

std::string base64(const std::vector<unsigned char>& bytes, int variant) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();  // the terminator
  return text;
}

// Runs of digits in what was released, by length: whole ones only, so that a hash that was cut
// short is found by its beginning.
struct Runs {
  std::unordered_set<std::string> text;
  std::set<std::size_t> lengths;

  void add(std::string run) {
    lengths.insert(run.size());
    text.insert(std::move(run));
  }
  [[nodiscard]] bool has_beginning_of(const std::string& digest) const {
    return std::any_of(lengths.begin(), lengths.end(), [&](std::size_t length) {
      return length <= digest.size() && text.count(digest.substr(0, length)) > 0;
    });
  }
};

template <typename Test>
void add_runs(const std::string& value, std::size_t least, Test test, Runs& runs) {
  for (std::size_t first = 0; first < value.size();) {
    std::size_t last = first;
    while (last < value.size() && test(value[last])) ++last;
    if (last - first >= least) runs.add(value.substr(first, last - first));
    first = last + 1;
  }
}

// Spellings that somebody may have hashed.
std::set<std::string> spellings(const std::string& identifier) {
  std::set<std::string> all{identifier, normal(identifier)};
  std::string upper = normal(identifier);
  std::string lowered = identifier;
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (char& c : lowered) c = lower(c);
  all.insert(upper);
  all.insert(lowered);
  return all;
}

}  // namespace

DictionaryResult dictionary_attack(const std::vector<std::string>& identifiers,
                                   const std::vector<std::string>& released) {
  std::string everything;
  Runs hex_runs;
  Runs base64_runs;
  for (const std::string& value : released) {
    everything += normal(value) + '\n';
    std::string lowered = value;
    for (char& c : lowered) c = lower(c);
    add_runs(lowered, kHashDigitsLeast, is_hex, hex_runs);
    add_runs(value, kBase64DigitsLeast, is_base64, base64_runs);
  }
  // Substrings of the identifiers' lengths, by length: one pass each instead of one per identifier.
  std::unordered_map<std::size_t, std::unordered_set<std::string_view>> wanted;
  std::vector<std::string> normals;
  for (const std::string& identifier : identifiers) normals.push_back(normal(identifier));
  for (const std::string& text : normals) {
    if (!text.empty()) wanted[text.size()].insert(text);
  }
  std::unordered_set<std::string_view> plain;
  for (const auto& [length, texts] : wanted) {
    for (std::size_t i = 0; i + length <= everything.size(); ++i) {
      const auto hit = texts.find(std::string_view(everything).substr(i, length));
      if (hit != texts.end()) plain.insert(*hit);
    }
  }
  DictionaryResult result;
  result.identifiers = identifiers.size();
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const bool as_text = plain.count(normals[i]) > 0;
    bool hashed = false;
    for (const std::string& spelling : spellings(identifiers[i])) {
      for (const auto& digest : digests(spelling)) {
        hashed =
            hashed || hex_runs.has_beginning_of(hex(digest)) ||
            base64_runs.has_beginning_of(
                base64(digest, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)) ||
            base64_runs.has_beginning_of(base64(digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
      }
    }
    result.found_plain += as_text ? 1 : 0;
    result.found_hashed += hashed ? 1 : 0;
    result.found += as_text || hashed ? 1 : 0;
  }
  return result;
}

std::vector<std::string> keyless_hashes(const std::vector<std::string>& identifiers) {
  constexpr std::size_t kSha256 = 2;
  constexpr std::size_t kDigits = 16;
  std::vector<std::string> hashes;
  for (const std::string& identifier : identifiers) {
    hashes.push_back(hex(digests(identifier)[kSha256]).substr(0, kDigits));
  }
  return hashes;
}

}  // namespace sudare::sim::attack
