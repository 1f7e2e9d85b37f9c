#include "fleet/authority/signed_list.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "crypto/identity/encoding.h"
#include "crypto/identity/padme.h"

namespace sudare {
namespace {

constexpr std::string_view kMembersLabel = label("sudare/v1/members");
constexpr std::string_view kErasureLabel = label("sudare/v1/erasure");

constexpr std::size_t kLengthBytes = 4;  // u32 bytes of the header
constexpr std::size_t kCountBytes = 8;   // u64 entries

// The least number of entries: most orders have fewer of their own.
constexpr std::uint64_t kEntriesMin = 64;

// Entries that are read at once.
constexpr std::size_t kChunkEntries = 4096;

std::string_view label_of(ListKind kind) {
  return kind == ListKind::kMembers ? kMembersLabel : kErasureLabel;
}

// BLAKE2b-512 over what comes before the signature, and its length.
class Digest {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, crypto_generichash_BYTES_MAX); }
  void add(ByteSpan bytes) {
    crypto_generichash_update(&state_, bytes.data(), bytes.size());
    bytes_ += bytes.size();
  }
  // What is signed: label ‖ u64 length ‖ BLAKE2b-512.
  std::string signing_input(ListKind kind) {
    std::array<std::uint8_t, crypto_generichash_BYTES_MAX> digest{};
    crypto_generichash_final(&state_, digest.data(), digest.size());
    std::string input(label_of(kind));
    append_big_endian(input, bytes_);
    append(input, digest);
    return input;
  }

 private:
  crypto_generichash_state state_{};
  std::uint64_t bytes_ = 0;
};

// Reads exactly, and digests what it reads.
class Reader {
 public:
  explicit Reader(const ReadBytes& read) : read_(read) {}

  Status fill(MutableByteSpan out) {
    std::size_t length = 0;
    while (length < out.size()) {
      TRY(const std::size_t count, read_(out.subspan(length)));
      if (count == 0) return fail(ErrorCode::kMalformed, "signed list: cut short");
      length += count;
    }
    return Done{};
  }
  Status take(MutableByteSpan out) {
    TRY(fill(out));
    digest_.add(out);
    return Done{};
  }
  Status end() {
    std::array<std::uint8_t, 1> more{};
    TRY(const std::size_t count, read_(more));
    if (count != 0) return fail(ErrorCode::kMalformed, "signed list: bytes after its end");
    return Done{};
  }
  Digest& digest() { return digest_; }

 private:
  const ReadBytes& read_;
  Digest digest_;
};

std::uint64_t big_endian(ByteSpan bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

Status read_entries(Reader& reader, std::uint64_t count, std::vector<Pseudonym>& entries) {
  static_assert(sizeof(Pseudonym) == kPseudonymBytes);
  while (entries.size() < count) {
    const std::size_t at = entries.size();
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkEntries, count - at));
    entries.resize(at + room);
    TRY(reader.take({entries[at].data(), room * kPseudonymBytes}));
    for (std::size_t i = std::max<std::size_t>(at, 1); i < entries.size(); ++i) {
      if (!(entries[i - 1] < entries[i])) {
        return fail(ErrorCode::kMalformed, "signed list: not in ascending order");
      }
    }
  }
  return Done{};
}

}  // namespace

void shuffle_and_pad(std::vector<Pseudonym>& entries) {
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  const std::uint64_t wanted = padme_bytes(std::max<std::uint64_t>(entries.size(), kEntriesMin));
  while (entries.size() < wanted) random_bytes(entries.emplace_back());
  std::sort(entries.begin(), entries.end());
}

Result<std::string> write_signed_list(ListKind kind, const SignedList& list,
                                      const SigningKey& key) {
  if (list.header.size() > kListHeaderBytesMax || list.entries.size() > kListEntriesMax) {
    return fail(ErrorCode::kTooLarge, "signed list: header or entries");
  }
  std::string file(label_of(kind));
  append_big_endian(file, static_cast<std::uint32_t>(list.header.size()));
  append_big_endian(file, static_cast<std::uint64_t>(list.entries.size()));
  file += list.header;
  file.reserve(file.size() + list.entries.size() * kPseudonymBytes + kSignatureBytes);
  for (const Pseudonym& entry : list.entries) append(file, entry);
  Digest digest;
  digest.add(bytes_of(file));
  append(file, key.sign(digest.signing_input(kind)));
  return file;
}

Result<SignedList> read_signed_list(ListKind kind, const ReadBytes& read,
                                    std::span<const AuthorityKey> authorities) {
  Reader reader(read);
  std::array<std::uint8_t, kMembersLabel.size() + kLengthBytes + kCountBytes> start{};
  static_assert(kMembersLabel.size() == kErasureLabel.size());
  TRY(reader.take(start));
  const ByteSpan fields = ByteSpan(start).subspan(kMembersLabel.size());
  if (text_of(ByteSpan(start).first(kMembersLabel.size())) != label_of(kind)) {
    return fail(ErrorCode::kMalformed, "signed list: not a list of this kind");
  }
  const std::uint64_t header_bytes = big_endian(fields.first(kLengthBytes));
  const std::uint64_t count = big_endian(fields.subspan(kLengthBytes));
  if (header_bytes > kListHeaderBytesMax || count > kListEntriesMax) {
    return fail(ErrorCode::kTooLarge, "signed list: header or entries");
  }
  SignedList list;
  TRY(reader.take(grow(list.header, static_cast<std::size_t>(header_bytes))));
  TRY(read_entries(reader, count, list.entries));
  Signature signature{};
  TRY(reader.fill(signature));
  TRY(reader.end());
  if (!signed_by_any(authorities, reader.digest().signing_input(kind), signature)) {
    return fail(ErrorCode::kAuthentication, "signed list: not signed by this authority");
  }
  return list;
}

}  // namespace sudare
