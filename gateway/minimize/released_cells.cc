#include "gateway/minimize/released_cells.h"

#include <sodium.h>

namespace sudare {
namespace {

void add_number(crypto_generichash_state& state, std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  crypto_generichash_update(&state, bytes.data(), bytes.size());
}

}  // namespace

CellTag tag_of(const SecretBytes<32>& key, std::string_view place, const Cell& cell) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.bytes().data(), key.bytes().size(), kCellTagBytes);
  add_number(state, static_cast<std::uint32_t>(place.size()));
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(place.data()),
                            place.size());
  add_number(state, static_cast<std::uint32_t>(cell.level) * 2 + (cell.mesh ? 1 : 0));
  add_number(state, static_cast<std::uint32_t>(cell.row));
  add_number(state, static_cast<std::uint32_t>(cell.column));
  CellTag tag{};
  crypto_generichash_final(&state, tag.data(), tag.size());
  sodium_memzero(&state, sizeof state);
  return tag;
}

std::optional<Cell> cell_with_tag(const SecretBytes<32>& key, std::string_view place,
                                  const CellTag& tag, const Cell& found) {
  const auto fits = [&](const Cell& cell) {
    const CellTag candidate = tag_of(key, place, cell);
    return sodium_memcmp(candidate.data(), tag.data(), tag.size()) == 0;
  };
  if (fits(found)) return found;
  for (const Cell& cell : neighbourhood_of(found)) {
    if (fits(cell)) return cell;
  }
  return std::nullopt;
}

}  // namespace sudare
