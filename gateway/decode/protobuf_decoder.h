// Protobuf payload → items, scanned on the wire by tables that are built from the policy's nodes.
// No descriptor is used and no message is built. Fields that no node names are skipped unread.
//
// As a full parser would:
//   - a singular field that occurs again: the last value counts
//   - a singular message that occurs again: its fields are merged into the first
//   - packed and plain lists are both read, whichever the schema declares
//   - 32-bit numbers are cut to 32 bits
// An item stands where its field last occurred, so that of a oneof's named members the last one on
// the wire still wins at the receiver. A member that no node names does not undo a named one.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/decode/record_builder.h"
#include "gateway/decode/wire.h"
#include "gateway/policy/policy.h"

namespace sudare {

// One per source and thread. Keeps a reference to `plan`.
class ProtobufDecoder {
 public:
  explicit ProtobufDecoder(const SourcePlan& plan);

  // Appends the payload's items. On an error what was appended is meaningless.
  [[nodiscard]] Status decode(std::string_view payload, RecordBuilder& out);

 private:
  // The items that a singular field has in the instance of its message that is being read.
  struct Slot {
    std::uint64_t instance = 0;  // 0: never
    std::uint64_t own = 0;       // a message's: its instance number
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  struct Instance {
    NodeIndex node = kRootNode;
    std::uint64_t number = 0;
    std::size_t depth = 0;
  };

  [[nodiscard]] NodeIndex child_of(NodeIndex node, std::uint32_t number) const;
  [[nodiscard]] Status walk(const Instance& instance, std::string_view bytes, RecordBuilder& out);
  [[nodiscard]] Status field(const Instance& parent, NodeIndex node, Tag tag, WireReader& in,
                             RecordBuilder& out);
  [[nodiscard]] Status message(const Instance& parent, NodeIndex node, std::string_view bytes,
                               RecordBuilder& out);
  [[nodiscard]] Status packed(NodeIndex node, std::string_view bytes, RecordBuilder& out);
  // Reads one value; `wanted` says whether there is an item to add.
  [[nodiscard]] Status scalar(NodeIndex node, WireReader& in, RecordBuilder& out, Item& item,
                              bool& wanted);
  [[nodiscard]] Status move_to_end(Slot& slot, RecordBuilder& out);

  const SourcePlan& plan_;
  std::vector<std::vector<NodeIndex>> small_numbers_;  // by node, then field number
  std::vector<Slot> slots_;                            // by node
  std::uint64_t instances_ = 0;
  std::size_t repeats_ = 0;
  NodeIndex ignition_parent_ = kNoNode;  // where an absent ignition field means 0
};

}  // namespace sudare
