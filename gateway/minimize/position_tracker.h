// The positions of one release: pairs latitudes with longitudes, decides their cells, and remembers
// between records which cells the car counts as being in and which were released last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/minimize/cell.h"
#include "gateway/minimize/hysteresis.h"
#include "gateway/minimize/released_cells.h"
#include "gateway/minimize/rules.h"

namespace sudare {

// One half of a position that a walk came across.
struct PositionPart {
  std::uint32_t item = 0;   // in the kept body
  std::uint32_t scope = 0;  // depth of the object in which the other half must be
  std::uint16_t group = 0;
  Axis axis = Axis::kLatitude;
  std::int64_t e7 = 0;
};

// The cell that was released last before a restart, as the store knows it.
struct RememberedCell {
  std::string place;  // see tag_of
  CellTag tag{};
};

// What is remembered of one group. Fixed size, whatever passes.
struct GroupMemory {
  std::optional<Cell> current;               // with hysteresis
  std::optional<Cell> released;              // the last that left the car
  std::optional<RememberedCell> remembered;  // until the first position after a restart
  bool in_record = false;                    // the record at hand has such a position
  bool changed = false;                      // released, since take_released()
};

// Reads half a position out of a value; nothing where it can't be one.
[[nodiscard]] std::optional<std::int64_t> read_part(const Item& item, std::string_view text,
                                                    const FieldNode& node);

// One per release. Not thread-safe.
class PositionTracker {
 public:
  explicit PositionTracker(const Rules& rules) : memory_(rules.groups.size()) {}

  // Before a record's walk. `key`: of remembered cells; valid until resolve() is done.
  void begin(const SecretBytes<32>& key);

  // Pairs the parts of one scope, the first latitude of a group with its first longitude and so on,
  // and puts the centres of their cells in their place in `kept`. False: a part without its other
  // half, or a position that can't be minimised.
  [[nodiscard]] bool resolve(const Rules& rules, const std::vector<PositionPart>& parts,
                             RecordBody& kept);

  // Whether a position of this record lies in another cell than the one last released. A record
  // without position has not moved.
  [[nodiscard]] bool moved() const { return moved_; }
  // The record's position as it came; nothing where it has none, or more than one.
  [[nodiscard]] std::optional<Position> only_position() const {
    return positions_ == 1 ? std::optional<Position>(raw_) : std::nullopt;
  }
  [[nodiscard]] std::size_t positions() const { return positions_; }

  // The record leaves the car.
  void commit();

  // The cell of a group that was released since the last call.
  [[nodiscard]] std::optional<Cell> take_released(std::size_t group);
  // What a tag of another size would mean is not known: it is left out.
  void restore(std::size_t group, std::string place, std::string_view tag);

  // Takes over what another policy's tracker remembers of the groups that both have.
  void carry_over(const Rules& mine, const PositionTracker& previous, const Rules& previous_rules);

 private:
  [[nodiscard]] std::optional<Position> place(v1::Cell level, std::uint16_t group, Position at);

  std::vector<GroupMemory> memory_;
  const SecretBytes<32>* key_ = nullptr;
  bool moved_ = false;
  std::size_t positions_ = 0;  // of this record
  Position raw_;
};

}  // namespace sudare
