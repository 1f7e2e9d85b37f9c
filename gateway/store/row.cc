#include "gateway/store/row.h"

#include <sodium.h>

#include "gateway/store/little_endian.h"

namespace sudare {
namespace {

void update(crypto_generichash_state& hash, std::string_view bytes) {
  crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

}  // namespace

RowChecksum checksum_of(RowId id, std::uint8_t shard, std::string_view purpose,
                        std::string_view bytes) {
  std::string head;
  append_u64(head, id);
  append_u64(head, shard);
  append_u64(head, purpose.size());
  head += purpose;
  RowChecksum checksum{};
  static_assert(checksum.size() >= crypto_generichash_BYTES_MIN);
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, nullptr, 0, checksum.size());
  update(hash, head);
  update(hash, bytes);
  crypto_generichash_final(&hash, reinterpret_cast<unsigned char*>(checksum.data()),
                           checksum.size());
  return checksum;
}

}  // namespace sudare
