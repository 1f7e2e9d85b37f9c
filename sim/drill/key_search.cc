#include "sim/drill/key_search.h"

#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <memory>

#include "crypto/base64.h"
#include "sim/base64_text.h"

namespace sudare::sim::drill {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30U;
constexpr std::size_t kUnpackedBytesMax = 16 * 1024 * 1024;
// How much behind an encoded beginning is decoded: a PEM key of any kind.
constexpr std::size_t kDecodedBytesMax = 8 * 1024;
constexpr std::string_view kPemEnd = "PRIVATE KEY-----";
constexpr std::array<std::string_view, 3> kBeginnings = {"AGE-SECRET-KEY-1", "SUDARE-SIGNING-KEY-1",
                                                         "-----BEGIN "};

template <class Each>
void for_each_place(std::string_view bytes, std::string_view pattern, const Each& each) {
  for (std::size_t at = bytes.find(pattern); at != std::string_view::npos;
       at = bytes.find(pattern, at + 1)) {
    each(at);
  }
}

std::string cased(std::string_view text, int (*to)(int)) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [to](unsigned char c) { return static_cast<char>(to(c)); });
  return out;
}

std::string hex_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string from_hex(std::string_view digits) {
  std::string out;
  const auto value = [](char c) {
    const std::string_view all = "0123456789abcdef";
    return all.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  };
  for (std::size_t at = 0; at + 1 < digits.size() && out.size() < kDecodedBytesMax; at += 2) {
    const std::size_t high = value(digits[at]);
    const std::size_t low = value(digits[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) break;
    out += static_cast<char>(high << 4U | low);
  }
  return out;
}

// Every second byte from `at` on: ASCII that was written as UTF-16.
std::string from_utf16(std::string_view bytes, std::size_t at) {
  std::string out;
  for (; at < bytes.size() && out.size() < kDecodedBytesMax; at += 2) {
    if (bytes[at] == '\0' || static_cast<unsigned char>(bytes[at]) >= 0x80) break;
    out += bytes[at];
  }
  return out;
}

bool is_base64(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
}

// The base64 digits from `at` on, over the ends of lines.
std::string from_base64_at(std::string_view bytes, std::size_t at) {
  std::string digits;
  for (; at < bytes.size() && digits.size() < kDecodedBytesMax; ++at) {
    if (bytes[at] == '\n' || bytes[at] == '\r') continue;
    if (!is_base64(bytes[at])) break;
    digits += bytes[at];
  }
  if (digits.size() % 4 == 1) digits.pop_back();  // no whole byte
  const auto decoded = from_base64(digits);
  return decoded ? *decoded : std::string();
}

// How a text shows in base64 where it begins `shift` bytes into a group: the digits that depend on
// it alone, and how many digits of its first group come before them.
struct Base64Form {
  std::string digits;
  std::size_t before = 0;
};
Base64Form base64_form(std::string_view text, std::size_t shift) {
  constexpr std::array<std::size_t, 3> kBefore = {0, 2, 3};
  std::string digits;
  base64_append(bytes_of(std::string(shift, '\0') + std::string(text)), digits);
  const std::size_t whole = (shift + text.size()) * 8 / 6;
  return {digits.substr(kBefore[shift], whole - kBefore[shift]), kBefore[shift]};
}

std::string zstd_unpacked(std::string_view bytes) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  std::string out;
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (out.size() < kUnpackedBytesMax) {
    ZSTD_outBuffer to{piece.data(), piece.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(left) != 0) break;
    out.append(piece, 0, to.pos);
    if (left == 0 || (to.pos == 0 && in.pos == in.size)) break;
  }
  return out;
}

std::string gzip_unpacked(std::string_view bytes) {
  google::protobuf::io::ArrayInputStream in(
      bytes.data(), static_cast<int>(std::min(bytes.size(), kUnpackedBytesMax)));
  google::protobuf::io::GzipInputStream stream(&in);
  std::string out;
  const void* piece = nullptr;
  int size = 0;
  while (out.size() < kUnpackedBytesMax && stream.Next(&piece, &size)) {
    out.append(static_cast<const char*>(piece), static_cast<std::size_t>(size));
  }
  return out;
}

}  // namespace

void unpack(std::string_view bytes, const std::function<void(std::string_view)>& each) {
  const auto take = [&](const std::string& unpacked) {
    if (!unpacked.empty()) each(unpacked);
  };
  for_each_place(bytes, "\x28\xb5\x2f\xfd",
                 [&](std::size_t at) { take(zstd_unpacked(bytes.substr(at))); });
  for_each_place(bytes, "\x1f\x8b\x08",
                 [&](std::size_t at) { take(gzip_unpacked(bytes.substr(at))); });
}

void for_each_file(const fs::path& path,
                   const std::function<void(const fs::path&, std::string_view)>& each) {
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
         at.increment(error)) {
      if (at->is_regular_file(error)) files.push_back(at->path());
    }
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  for (const fs::path& file : files) {
    const auto bytes = read_whole_file(file, kFileBytesMax);
    if (bytes) each(file, *bytes);
  }
}

void KeySearch::search_path(const fs::path& path) {
  for_each_file(path, [&](const fs::path&, std::string_view bytes) {
    ++files_;
    search(bytes);
    unpack(bytes, [&](std::string_view unpacked) { search(unpacked); });
  });
}

void KeySearch::search(std::string_view bytes) {
  bytes_ += bytes.size();
  search_plain(bytes);
  search_encoded(bytes);
}

void KeySearch::search_plain(std::string_view bytes) {
  for (const auto to : {&toupper, &tolower}) {
    for_each_place(bytes, cased(kBeginnings[0], to),
                   [&](std::size_t at) { take_identity(bytes.substr(at)); });
    for_each_place(bytes, cased(kBeginnings[1], to),
                   [&](std::size_t at) { take_signing_key(bytes.substr(at)); });
  }
  for_each_place(bytes, kPemEnd,
                 [&](std::size_t at) { take_pem(bytes.substr(at + kPemEnd.size())); });
}

void KeySearch::search_encoded(std::string_view bytes) {
  for (const std::string_view beginning : kBeginnings) {
    std::string wide;
    for (const char c : beginning) (wide += c) += '\0';
    wide.pop_back();  // so that it is found in either byte order
    for_each_place(bytes, wide, [&](std::size_t at) { search_plain(from_utf16(bytes, at)); });
    for (const auto to : {&toupper, &tolower}) {
      for_each_place(bytes, cased(hex_text(beginning), to),
                     [&](std::size_t at) { search_plain(from_hex(bytes.substr(at))); });
    }
    for (const std::size_t shift : {0U, 1U, 2U}) {
      const Base64Form form = base64_form(beginning, shift);
      for_each_place(bytes, form.digits, [&](std::size_t at) {
        if (at >= form.before) search_plain(from_base64_at(bytes, at - form.before));
      });
    }
  }
}

void KeySearch::add(age::open_side::Identity identity) {
  if (known_.insert(identity.recipient().to_string()).second) {
    identities_.push_back(std::move(identity));
  }
}

void KeySearch::take_identity(std::string_view text) {
  const std::string upper = cased(text.substr(0, age::open_side::kIdentityCharacters), &toupper);
  auto identity = age::open_side::Identity::parse(bytes_of(upper));
  if (identity) add(*std::move(identity));
}

void KeySearch::take_signing_key(std::string_view text) {
  const std::string upper = cased(text.substr(0, kSigningKeyCharacters), &toupper);
  auto key = SigningKey::parse(bytes_of(upper));
  if (key && known_.insert(key->authority().to_string()).second) {
    signing_keys_.push_back(*std::move(key));
  }
}

// A body of base64 that ends where PEM does; a label alone, as programs have it, is none.
void KeySearch::take_pem(std::string_view bytes) {
  constexpr std::size_t kDerBytesMin = 16;
  const std::size_t end = bytes.substr(0, kDecodedBytesMax).find("-----END");
  if (end == std::string_view::npos) return;
  std::string der = from_base64_at(bytes.substr(0, end), 0);
  if (der.size() >= kDerBytesMin) pem_keys_.insert(std::move(der));
}

void KeySearch::try_as_keys(std::string_view bytes, const std::vector<age::Recipient>& recipients) {
  for (std::size_t at = 0; at + kX25519Bytes <= bytes.size(); ++at) {
    SecretBytes<kX25519Bytes> key;
    std::memcpy(key.bytes().data(), bytes.data() + at, kX25519Bytes);
    auto identity = age::open_side::Identity::from_key(std::move(key));
    if (std::find(recipients.begin(), recipients.end(), identity.recipient()) != recipients.end()) {
      add(std::move(identity));
    }
  }
}

}  // namespace sudare::sim::drill
