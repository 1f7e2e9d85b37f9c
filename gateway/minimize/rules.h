// One source's rules for one purpose, made ready for the walk over a record: what is to be done
// with each node is decided here once, so that the walk only looks it up. Immutable.
#pragma once

#include <string>
#include <vector>

#include "gateway/minimize/coarsen.h"
#include "gateway/minimize/position_encoding.h"
#include "gateway/stages.h"

namespace sudare {

enum class Treatment : std::uint8_t {
  kDrop,
  kKeep,
  kCoarsen,
  kPseudonymize,
  kGeneralize,
  kPosition,  // half of a position: paired, then the cell's centre
};

struct NodeRule {
  Treatment treatment = Treatment::kDrop;
  bool bucketed = false;               // a time: floored before the treatment
  bool combined = false;               // part of a total: the treatment is for the total
  DetectedClasses refused = 0;         // found in the value: it is dropped
  DetectedClasses refused_in_key = 0;  // found in its key: the entry is dropped
  Axis axis = Axis::kLatitude;         // kPosition
  std::uint16_t group = 0;             // kPosition: index into Rules::groups
  Coarsen coarsen{0, 0, 0};
};

// Nodes that make one position. Its two halves are looked for in the same instance of `scope`, the
// innermost node that holds them all: an element of a list, or the message.
struct PositionGroup {
  NodeIndex scope = kRootNode;
  std::string path;  // of its first node: recognises the group in another policy
};

struct Rules {
  // Keeps references to both.
  Rules(const SourcePlan& source_plan, const ReleasePlan& release_plan);

  const SourcePlan& source;
  const ReleasePlan& plan;
  std::vector<NodeRule> nodes;  // by NodeIndex
  std::vector<PositionGroup> groups;
};

// Names of the nodes from the root to this one, each behind a dot.
[[nodiscard]] std::string path_of(const SourcePlan& source, NodeIndex node);

// The classes of Detected that a rule's tolerance and a field's own class don't cover.
[[nodiscard]] DetectedClasses refused_classes(const std::vector<v1::PersonalClass>& tolerate,
                                              v1::PersonalClass own);

}  // namespace sudare
