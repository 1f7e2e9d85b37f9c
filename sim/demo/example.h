// One message before and after: what the car sent and what a recipient opened of it.
#pragma once

#include <string>
#include <string_view>

namespace sudare::sim {

// A payload in words: Protobuf in text format, on one line, by the schema that is linked in; JSON
// as it is.
[[nodiscard]] std::string payload_text(const std::string& message_type, const std::string& payload);

}  // namespace sudare::sim
