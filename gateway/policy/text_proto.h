// Reads a file in protobuf's text format. A token pass of our own runs first, because TextFormat
// reports the token *after* an unknown name or value and stops at the first mistake: ours points at
// the culprit, goes on, and keeps where every element was, so that later checks can point as well.
// TextFormat then does the parsing itself.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace sudare {

struct TextPosition {
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
};

// Where each element of a message was written. Paths name fields as the .proto does, with an index
// for repeated ones: "source[2].release[0].to". A scalar's position is its value's, a message's is
// its name's.
class TextPositions {
 public:
  void set(const std::string& path, TextPosition position) { positions_[path] = position; }
  // The position of the element, or of the innermost one around it that was written.
  [[nodiscard]] TextPosition at(std::string_view path) const;

 private:
  std::map<std::string, TextPosition, std::less<>> positions_;
};

// Parses `text` (at most kOperatorFileBytesMax) into `message` and fills `positions`. False where
// there were errors; they are then in `diagnostics`, in the order of the file, each at the token
// that is wrong (columns in bytes, from 1). Values in quotes are never repeated in a diagnostic.
// Not accepted, though TextFormat would: numbers for enums, extensions, Any. Pure; any thread.
[[nodiscard]] bool read_text_proto(const DiagnosticKey& key, const std::string& file,
                                   std::string_view text, google::protobuf::Message& message,
                                   TextPositions& positions, Diagnostics& diagnostics);

// The name in `names` that was probably meant by `wrong`; empty where none is near.
[[nodiscard]] std::string nearest_name(std::string_view wrong,
                                       const std::vector<std::string>& names);

}  // namespace sudare
