// JSON payload → items. simdjson's DOM parser validates the whole payload (its on-demand parser
// doesn't look at what it skips); only what the nodes name becomes items.
//
//   object   its named members; "*" stands for every key. Without named members: nothing, also
//            where a rule names the object itself
//   list     its elements are treated as if each stood in the list's place; where the node's
//            children are indices ("0", "1"), element i is child i
//   number   kInt, kUint where only that fits, else kDouble. Integers beyond 64 bits and numbers
//            beyond a double's range are malformed: simdjson has no value for them
//
// A key of an object with named members that occurs twice is malformed if it is named: parsers
// differ in which one counts.
#pragma once

#include <simdjson.h>

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/decode/record_builder.h"
#include "gateway/policy/policy.h"

namespace sudare {

// One per thread, for all its JSON sources. Keeps a reference to `policy`. Holds buffers for the
// largest payload; the system backs them with memory as far as payloads have reached.
class JsonDecoder {
 public:
  explicit JsonDecoder(const Policy& policy);

  // Appends the payload's items. At most kPayloadBytesMax bytes. On an error what was appended is
  // meaningless.
  [[nodiscard]] Status decode(std::string_view payload, SourceIndex source, RecordBuilder& out);

 private:
  struct NodeTraits {
    NodeIndex any = kNoNode;  // the child "*"
    bool indices = false;     // its children are list indices
  };
  // What the walk hands down.
  struct Walk {
    const std::vector<FieldNode>& nodes;
    const std::vector<NodeTraits>& traits;
    RecordBuilder& out;
  };

  [[nodiscard]] Status value(const Walk& walk, NodeIndex node, simdjson::dom::element element,
                             TextSpan key);
  [[nodiscard]] Status object(const Walk& walk, NodeIndex node, simdjson::dom::object object);
  [[nodiscard]] Status list(const Walk& walk, NodeIndex node, simdjson::dom::array array);
  [[nodiscard]] Status any_member(const Walk& walk, NodeIndex node, std::string_view key,
                                  simdjson::dom::element element);

  const Policy& policy_;
  std::vector<std::vector<NodeTraits>> traits_;  // by source, node
  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::unique_ptr<char[]> padded_;
  simdjson::error_code ready_ = simdjson::UNINITIALIZED;
  std::vector<std::string_view> keys_;  // of the objects under "*" that are being read
  std::vector<std::uint64_t> seen_;     // by node: the object in which it was met last
  std::uint64_t objects_ = 0;
};

}  // namespace sudare
