// The file in which the relink authority signs pseudonyms (docs/formats.md, "Signed lists"): a
// header, then 16-byte pseudonyms in ascending order, then one signature over all of it. The order
// tells nothing; pseudonyms look random to who has not seen them before.
//
// Not here: what a header says (member_list.h, erasure_order.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "fleet/authority/signing_key.h"

namespace sudare {

enum class ListKind : std::uint8_t { kMembers, kErasure };

// A header is a name and some numbers.
inline constexpr std::size_t kListHeaderBytesMax = 1024;

// Pseudonyms of one list: a fleet of 4 million cars, 64 MB.
inline constexpr std::uint64_t kListEntriesMax = 4'000'000;

struct SignedList {
  std::string header;              // Protobuf, as its kind says
  std::vector<Pseudonym> entries;  // strictly ascending
};

// Sorts, drops repetitions, and adds random ones so that the number of entries is rounded up: it
// tells neither how large a fleet is nor how many epochs an order covers. Nobody can send under a
// random pseudonym: it is no key's.
void shuffle_and_pad(std::vector<Pseudonym>& entries);

// The whole file. `entries` as shuffle_and_pad leaves them. kTooLarge past the limits.
Result<std::string> write_signed_list(ListKind kind, const SignedList& list, const SigningKey& key);

// Fills from the start of `out`; how many bytes, 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(MutableByteSpan out)>;

// Nothing of the list is returned before its signature has verified. Memory grows with what is
// read, not with what the file claims. kMalformed (another kind, out of order, cut short, bytes
// behind the end), kTooLarge, kAuthentication (not signed by one of `authorities`), and what `read`
// returned.
Result<SignedList> read_signed_list(ListKind kind, const ReadBytes& read,
                                    std::span<const AuthorityKey> authorities);

}  // namespace sudare
