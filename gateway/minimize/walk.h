// One walk over a record's items: what one release keeps of them, minimised. The items that it
// leaves out are not looked at again, whatever they hold.
#pragma once

#include <vector>

#include "gateway/minimize/minimizer.h"
#include "gateway/minimize/position_tracker.h"
#include "gateway/minimize/rules.h"

namespace sudare {

// Keeps its buffers from record to record: a steady state allocates nothing. Not thread-safe.
class Walk {
 public:
  // Fills kept(). `key` and `trace` may be null. False: a bad position, and nothing may be
  // released. Objects and lists of which nothing is left are left out; a list that came empty and
  // whose field is kept stays.
  [[nodiscard]] bool run(const Rules& rules, const RecordBody& body, PositionTracker& positions,
                         const SecretBytes<32>* key, FieldTrace* trace);

  // What the last run kept, with text of its own. No topic levels.
  [[nodiscard]] const RecordBody& kept() const { return kept_; }

 private:
  // An object or list that is open.
  struct Frame {
    NodeIndex node = kRootNode;
    ItemKind kind = ItemKind::kOpenObject;
    bool came_empty = true;        // nothing has been met in it
    std::uint32_t item = 0;        // in kept_
    std::uint32_t values = 0;      // kept in it, at any depth; the key of a map entry doesn't count
    std::uint32_t first_part = 0;  // in parts_
  };
  // What a run was given.
  struct Input {
    const Rules& rules;
    const RecordBody& body;
    PositionTracker& positions;
    const SecretBytes<32>* key;
    FieldTrace* trace;
  };

  void open(const Input& input, const Item& item);
  [[nodiscard]] bool close(const Input& input);
  [[nodiscard]] bool value(const Input& input, const Item& item);
  [[nodiscard]] FieldFate treat(const Input& input, Treatment treatment, const Item& item);
  [[nodiscard]] bool resolve_scope(const Input& input, std::size_t depth, std::size_t first_part);
  [[nodiscard]] bool entry_is_refused(const Input& input, std::size_t index) const;
  [[nodiscard]] std::uint32_t scope_depth(NodeIndex scope) const;
  [[nodiscard]] TextSpan copy_text(const RecordBody& body, TextSpan span);
  void push(const RecordBody& body, const Item& item);

  RecordBody kept_;
  std::vector<Frame> frames_;        // frames_[0] is the payload as a whole
  std::vector<PositionPart> parts_;  // of the scopes that are open
  std::vector<PositionPart> scope_parts_;
};

}  // namespace sudare
