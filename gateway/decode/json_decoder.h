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

#include <memory>
#include <string_view>

#include "base/result.h"
#include "gateway/decode/record_builder.h"
#include "gateway/policy/policy.h"

namespace sudare {

// One per thread, for all its JSON sources.
class JsonDecoder {
 public:
  // Keeps a reference to `policy`. Holds buffers for the largest payload; the system backs them
  // with memory as far as payloads have reached. Null where JSON is not in this build
  // (SUDARE_JSON=OFF: no_json.cc); policies with a JSON source are then refused (policy/parts.h).
  static std::unique_ptr<JsonDecoder> create(const Policy& policy);
  JsonDecoder(const JsonDecoder&) = delete;
  JsonDecoder& operator=(const JsonDecoder&) = delete;
  virtual ~JsonDecoder() = default;

  // Appends the payload's items. At most kPayloadBytesMax bytes. On an error what was appended is
  // meaningless.
  [[nodiscard]] virtual Status decode(std::string_view payload, SourceIndex source,
                                      RecordBuilder& out) = 0;

 protected:
  JsonDecoder() = default;
};

}  // namespace sudare
