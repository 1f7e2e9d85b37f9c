#include "sim/demo/example.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <memory>

#include "sudare/vehicle/v1/position.pb.h"

namespace sudare::sim {

std::string payload_text(const std::string& message_type, const std::string& payload) {
  // Makes sure that the linker keeps the schema that the pool is asked for.
  static_cast<void>(sudare::vehicle::v1::Position::descriptor());
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(message_type);
  if (type == nullptr) return payload;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(payload)) return {};
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(*message, &text);
  return text;
}

}  // namespace sudare::sim
