#include "fleet/explain/protobuf_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>

#include "base/limits.h"
#include "fleet/cli/console.h"

namespace sudare {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownField;

class ProtobufFields {
 public:
  ProtobufFields(const SourcePlan& source, std::vector<SampleField>& out)
      : source_(source), out_(out) {}

  void message(const Message& message, const std::string& prefix, NodeIndex node) {
    const auto* const reflection = message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const NodeIndex next = child(node, field->number());
      const std::string path = prefix + field->name();
      if (!field->is_repeated()) {
        value(message, *field, -1, path, next);
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        if (field->is_map()) {
          entry(reflection->GetRepeatedMessage(message, field, i), path, next);
        } else {
          value(message, *field, i, path + "[" + std::to_string(i) + "]", next);
        }
      }
    }
    const auto& unknown = reflection->GetUnknownFields(message);
    for (int i = 0; i < unknown.field_count(); ++i) {
      const UnknownField& field = unknown.field(i);
      add(prefix + "#" + std::to_string(field.number()), text_of_unknown(field), kNoNode);
    }
  }

 private:
  // versions["ecu"]: the key is told with the value.
  void entry(const Message& entry, const std::string& path, NodeIndex node) {
    const Descriptor& type = *entry.GetDescriptor();
    constexpr int kValueNumber = 2;
    const std::string key = scalar(entry, *type.map_key(), -1);
    value(entry, *type.map_value(), -1, path + "[" + key + "]", child(node, kValueNumber));
  }

  void value(const Message& message, const FieldDescriptor& field, int index,
             const std::string& path, NodeIndex node) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      add(path, scalar(message, field, index), node);
      return;
    }
    const auto* const reflection = message.GetReflection();
    const Message& inner = index < 0 ? reflection->GetMessage(message, &field)
                                     : reflection->GetRepeatedMessage(message, &field, index);
    const std::size_t before = out_.size();
    this->message(inner, path + ".", node);
    if (out_.size() == before) add(path, "{}", node);
  }

  // `index`: of a list, or -1.
  static std::string scalar(const Message& message, const FieldDescriptor& field, int index) {
    const auto& r = *message.GetReflection();
    const auto get = [&](auto single, auto repeated) {
      return index < 0 ? (r.*single)(message, &field) : (r.*repeated)(message, &field, index);
    };
    using R = google::protobuf::Reflection;
    const auto json = [](auto number) {
      std::array<char, 32> digits{};
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
      return std::string(digits.data(), end);
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: return json(get(&R::GetInt32, &R::GetRepeatedInt32));
      case FieldDescriptor::CPPTYPE_INT64: return json(get(&R::GetInt64, &R::GetRepeatedInt64));
      case FieldDescriptor::CPPTYPE_UINT32: return json(get(&R::GetUInt32, &R::GetRepeatedUInt32));
      case FieldDescriptor::CPPTYPE_UINT64: return json(get(&R::GetUInt64, &R::GetRepeatedUInt64));
      case FieldDescriptor::CPPTYPE_DOUBLE: return json(get(&R::GetDouble, &R::GetRepeatedDouble));
      case FieldDescriptor::CPPTYPE_FLOAT: return json(get(&R::GetFloat, &R::GetRepeatedFloat));
      case FieldDescriptor::CPPTYPE_BOOL:
        return get(&R::GetBool, &R::GetRepeatedBool) ? "true" : "false";
      case FieldDescriptor::CPPTYPE_ENUM:
        return enum_name(field, get(&R::GetEnumValue, &R::GetRepeatedEnumValue));
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = get(&R::GetString, &R::GetRepeatedString);
        return cli::json_text(field.type() == FieldDescriptor::TYPE_BYTES ? cli::base64(text)
                                                                          : text);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: break;
    }
    return "";
  }

  static std::string enum_name(const FieldDescriptor& field, int number) {
    const auto* const value = field.enum_type()->FindValueByNumber(number);
    return value == nullptr ? std::to_string(number) + std::string(kNotInSchema)
                            : cli::json_text(value->name());
  }

  static std::string text_of_unknown(const UnknownField& field) {
    switch (field.type()) {
      case UnknownField::TYPE_VARINT: return std::to_string(field.varint());
      case UnknownField::TYPE_FIXED32: return std::to_string(field.fixed32());
      case UnknownField::TYPE_FIXED64: return std::to_string(field.fixed64());
      case UnknownField::TYPE_LENGTH_DELIMITED:
        return std::to_string(field.length_delimited().size()) + " bytes";
      case UnknownField::TYPE_GROUP: return "a group";
    }
    return "";
  }

  [[nodiscard]] NodeIndex child(NodeIndex node, int number) const {
    if (node == kNoNode) return kNoNode;
    for (const NodeIndex one : source_.nodes[node].children) {
      if (source_.nodes[one].number == number) return one;
    }
    return kNoNode;
  }

  void add(std::string path, std::string text, NodeIndex node) {
    const bool named = node != kNoNode && source_.nodes[node].value;
    out_.push_back({std::move(path), std::move(text), named ? node : kNoNode});
  }

  const SourcePlan& source_;
  std::vector<SampleField>& out_;
};

}  // namespace

std::optional<std::vector<SampleField>> protobuf_fields(
    const SourcePlan& source, const google::protobuf::DescriptorPool& pool,
    std::string_view payload) {
  const Descriptor* const type = pool.FindMessageTypeByName(source.message_type);
  if (type == nullptr) return std::nullopt;
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> message(factory.GetPrototype(type)->New());
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const std::uint8_t*>(payload.data()), static_cast<int>(payload.size()));
  input.SetRecursionLimit(static_cast<int>(kNestingDepthMax));
  if (!message->ParseFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
    return std::nullopt;
  }
  std::vector<SampleField> fields;
  ProtobufFields(source, fields).message(*message, "", kRootNode);
  return fields;
}

}  // namespace sudare
