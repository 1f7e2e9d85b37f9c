// The fields of a payload, all of them, named by a rule or not: what `policy explain` lists. For
// tools, not for the data path: reads whole messages into memory, by descriptor where they are
// Protobuf.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/policy/policy.h"

namespace google::protobuf {
class DescriptorPool;
}  // namespace google::protobuf

namespace sudare {

// Added to the value of an enum that the schema doesn't name.
inline constexpr std::string_view kNotInSchema = " (not in the schema)";

struct SampleField {
  std::string path;          // "doors[0].open"; "outer.#17" where the schema doesn't know the field
  std::string value;         // as JSON
  NodeIndex node = kNoNode;  // that the policy names it by; kNoNode: no rule of the source does
};

// The leaves, in the order of the payload; Protobuf's by field number, fields without value left
// out. Nothing where the payload can't be read, or nests deeper than the gateway takes. Pure.
std::optional<std::vector<SampleField>> sample_fields(const SourcePlan& source,
                                                      const google::protobuf::DescriptorPool& pool,
                                                      std::string_view payload);

}  // namespace sudare
