// What holds for every record, whatever the payload was.
#pragma once

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/limits.h"
#include "gateway/decode/decoder.h"
#include "tests/testkit/reveal.h"

namespace sudare {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Containers are closed by their own node, spans lie in the text, values are wanted and finite;
// a record that failed is empty.
inline void check_record(const SourcePlan& plan, const Status& status, const Record& record) {
  const RecordBody& body = record.body.reveal(TestReveal::key());
  require(status.has_value() || (body.items.empty() && body.text.empty()));
  require(body.items.size() <= kRecordItemsMax);
  std::vector<NodeIndex> open;
  for (const Item& item : body.items) {
    require(item.node < plan.nodes.size());
    require(item.key.offset + item.key.length <= body.text.size());
    require(item.text.offset + item.text.length <= body.text.size());
    if (item.kind == ItemKind::kValue) {
      require(plan.nodes[item.node].value);
      require(item.type != ValueType::kDouble || std::isfinite(item.real));
    } else if (item.kind == ItemKind::kClose) {
      require(!open.empty() && open.back() == item.node);
      open.pop_back();
    } else {
      open.push_back(item.node);
    }
    require(open.size() <= kNestingDepthMax + 1);
  }
  require(open.empty());
}

}  // namespace sudare
