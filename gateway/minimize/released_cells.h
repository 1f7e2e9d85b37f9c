// Which cells were released last, across restarts, without writing a place to the disk: of each
// cell a keyed tag is kept. The cell at hand and those around it are compared with the tag, so that
// a car that stands on a border is found again in the cell that it counted as being in.
//
// The key lies in the same store: who takes the whole disk can try every cell of the world and
// learns the cell that was released last. Nothing finer was there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"
#include "gateway/minimize/neighbours.h"

namespace sudare {

inline constexpr std::size_t kCellTagBytes = 16;
using CellTag = std::array<std::uint8_t, kCellTagBytes>;

// BLAKE2b-128 under `key` of `place` (whose cell it is: purpose, topic and field), then level,
// grid, row and column. Pure; any thread.
[[nodiscard]] CellTag tag_of(const SecretBytes<32>& key, std::string_view place, const Cell& cell);

// `found`, or the cell around it, that has this tag; nothing where the car is elsewhere.
[[nodiscard]] std::optional<Cell> cell_with_tag(const SecretBytes<32>& key, std::string_view place,
                                                const CellTag& tag, const Cell& found);

}  // namespace sudare
