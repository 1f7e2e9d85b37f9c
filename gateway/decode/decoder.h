// Message → Record: parses the payload of a known topic and materialises only the fields that the
// policy names. Protobuf is scanned on the wire, JSON goes through simdjson's DOM. Nothing is
// interpreted: that is minimize's work.
//
// How items stand for a payload:
//   - The payload itself is not opened or closed: the first items are its fields. A JSON payload
//     that is a list is opened as a list of node 0; one that is a bare value is a value of node 0.
//   - Every kOpenObject and kOpenList has its kClose, of the same node. Objects and lists that hold
//     nothing named are there all the same: an element that is missing would shift the others.
//   - JSON lists: kOpenList has the list's node; its elements have the same node, or that of the
//     child whose name is their index. Protobuf lists are values or objects of one node in a row,
//     perhaps with others between.
//   - A Protobuf map's entry is a kOpenObject of the map's node with a value of child 1, the key
//     (absent where it is the type's default), and child 2.
//   - Items stand in the order of the payload, not of the schema. See protobuf_decoder.h and
//     json_decoder.h for what happens to fields that occur twice.
//   - ignition_known: an ignition field without presence (proto3) that is absent counts as 0.
#pragma once

#include <memory>

#include "base/result.h"
#include "gateway/stages.h"

namespace sudare {

// One per thread; reuses its buffers. Keeps a reference to `policy`.
class Decoder {
 public:
  explicit Decoder(const Policy& policy);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // The source that the message's topic belongs to; kNotFound where the policy names none.
  [[nodiscard]] Result<SourceIndex> source_of(const Message& message) const;

  // Fills `record` (its buffers are reused). kTooLarge, kTooDeep, kMalformed (bad wire format,
  // wrong wire type, invalid UTF-8, duplicate key of an object that holds named fields, NaN or
  // infinite number); `record` is then empty. Unknown enum values are left out and counted in the
  // record. Never recurses deeper than kNestingDepthMax.
  [[nodiscard]] Status decode(const Message& message, SourceIndex source, Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sudare
