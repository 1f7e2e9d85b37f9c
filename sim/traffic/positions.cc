#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>

#include "sim/traffic/traffic.h"
#include "sudare/v1/privacy.pb.h"

namespace sudare::sim {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Our schemas nest three deep; the walk stops where no schema of theirs goes.
constexpr int kDepthMax = 8;

void collect(const Message& message, int depth, std::vector<PositionE7>& positions) {
  if (depth > kDepthMax) return;
  const auto& access = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  access.ListFields(message, &fields);
  std::map<std::string, PositionE7> groups;
  for (const FieldDescriptor* field : fields) {
    const auto& options = field->options();
    const auto personal = options.GetExtension(sudare::v1::personal);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 && !field->is_repeated()) {
      PositionE7& position = groups[options.GetExtension(sudare::v1::group)];
      if (personal == sudare::v1::LATITUDE) position.latitude = access.GetInt32(message, field);
      if (personal == sudare::v1::LONGITUDE) position.longitude = access.GetInt32(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
      if (!field->is_repeated()) {
        collect(access.GetMessage(message, field), depth + 1, positions);
        continue;
      }
      for (int i = 0; i < access.FieldSize(message, field); ++i) {
        collect(access.GetRepeatedMessage(message, field, i), depth + 1, positions);
      }
    }
  }
  for (const auto& [group, position] : groups) {
    if (position != PositionE7{}) positions.push_back(position);
  }
}

}  // namespace

std::vector<PositionE7> positions_in(const Message& message) {
  std::vector<PositionE7> positions;
  collect(message, 0, positions);
  return positions;
}

}  // namespace sudare::sim
