// Message → Record: parses the payload of a known topic and materialises only the fields that the
// policy names. Protobuf is scanned on the wire, JSON goes through simdjson's DOM. Nothing is
// interpreted: that is minimize's work.
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
