// Member lists and erasure orders as they come from somebody: the container as it is, and, past the
// signature that no fuzzer can make, any header and entries under a signature that holds.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "crypto/crypto_init.h"
#include "fleet/authority/erasure_order.h"
#include "fleet/authority/member_list.h"

namespace {

using namespace sudare;

ReadBytes reading(ByteSpan file) {
  return [file, at = std::size_t{0}](MutableByteSpan out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(out.size(), file.size() - at);
    if (count > 0) std::memcpy(out.data(), file.data() + at, count);
    at += count;
    return count;
  };
}

void read_both(ByteSpan file, const AuthorityKey& authority) {
  const auto members = read_member_list(reading(file), {&authority, 1});
  if (members) {
    MemberLists lists;
    const Status added = lists.add(*members, members->purpose, members->not_after_day);
    if (!added) std::abort();
    for (const Pseudonym& one : members->pseudonyms) {
      if (!lists.contains(members->rotation_days, members->epoch, text_of(one),
                          members->not_after_day)) {
        std::abort();
      }
    }
  }
  const auto order = read_erasure_order(reading(file), {&authority, 1});
  if (!order) return;
  ErasureOrders orders;
  if (!orders.add(*order, order->purpose)) std::abort();
  if (!order->pseudonyms.empty() && order->every_time &&
      !orders.names(text_of(order->pseudonyms[0]), -1)) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!crypto_init()) return 0;
  static const SigningKey key = SigningKey::generate();
  const ByteSpan input(data, size);
  read_both(input, key.authority());
  if (size < 2) return 0;
  // The first byte: how long the header is.
  const std::size_t header = std::min<std::size_t>(data[0], size - 1);
  SignedList list;
  list.header = std::string(text_of(input.subspan(1, header)));
  for (ByteSpan rest = input.subspan(1 + header); rest.size() >= kPseudonymBytes;
       rest = rest.subspan(kPseudonymBytes)) {
    std::copy_n(rest.begin(), kPseudonymBytes, list.entries.emplace_back().begin());
  }
  for (const ListKind kind : {ListKind::kMembers, ListKind::kErasure}) {
    const auto file = write_signed_list(kind, list, key);
    if (file) read_both(bytes_of(*file), key.authority());
  }
  return 0;
}
