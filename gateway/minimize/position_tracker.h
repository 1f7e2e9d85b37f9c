// The positions of one release: pairs latitudes with longitudes, decides their cells, and remembers
// between records which cells the car counts as being in and which were released last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/minimize/cell.h"
#include "gateway/minimize/hysteresis.h"
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

// What is remembered of one group. Fixed size, whatever passes.
struct GroupMemory {
  std::optional<Cell> current;   // with hysteresis
  std::optional<Cell> released;  // the last that left the car
  bool in_record = false;        // the record at hand has such a position
};

// Reads half a position out of a value; nothing where it can't be one.
[[nodiscard]] std::optional<std::int64_t> read_part(const Item& item, std::string_view text,
                                                    const FieldNode& node);

// One per release. Not thread-safe.
class PositionTracker {
 public:
  explicit PositionTracker(const Rules& rules) : memory_(rules.groups.size()) {}

  // Before a record's walk.
  void begin();

  // Pairs the parts of one scope, the first latitude of a group with its first longitude and so on,
  // and puts the centres of their cells in their place in `kept`. False: a part without its other
  // half, or a position that can't be minimised.
  [[nodiscard]] bool resolve(const Rules& rules, const std::vector<PositionPart>& parts,
                             RecordBody& kept);

  // Whether a position of this record lies in another cell than the one last released. A record
  // without position has not moved.
  [[nodiscard]] bool moved() const { return moved_; }
  // The record leaves the car.
  void commit();

  // Takes over what another policy's tracker remembers of the groups that both have.
  void carry_over(const Rules& mine, const PositionTracker& previous, const Rules& previous_rules);

 private:
  [[nodiscard]] std::optional<Position> place(v1::Cell level, std::uint16_t group, Position at);

  std::vector<GroupMemory> memory_;
  bool moved_ = false;
};

}  // namespace sudare
