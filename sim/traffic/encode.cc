#include "sim/traffic/encode.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace sudare::sim {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::json;

// 0x6D 0xAE 0x0E…: no schema of ours goes near it.
constexpr std::uint32_t kPaddingField = 15000;
constexpr std::uint32_t kLengthDelimited = 2;

json object_of(const Message& message);

// One value of a list, or the only one.
json value_of(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& access = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return list ? access.GetRepeatedInt32(message, &field, index)
                  : access.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return list ? access.GetRepeatedInt64(message, &field, index)
                  : access.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return list ? access.GetRepeatedUInt32(message, &field, index)
                  : access.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return list ? access.GetRepeatedUInt64(message, &field, index)
                  : access.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return list ? access.GetRepeatedDouble(message, &field, index)
                  : access.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const float value =
          list ? access.GetRepeatedFloat(message, &field, index) : access.GetFloat(message, &field);
      // Three decimals are finer than any sensor here; a float written as double has ten more.
      return std::round(static_cast<double>(value) * 1000) / 1000;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return list ? access.GetRepeatedBool(message, &field, index)
                  : access.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return list ? access.GetRepeatedEnum(message, &field, index)->name()
                  : access.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? access.GetRepeatedString(message, &field, index)
                  : access.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return object_of(list ? access.GetRepeatedMessage(message, &field, index)
                            : access.GetMessage(message, &field));
  }
  return nullptr;
}

json object_of(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  json object = json::object();
  for (const FieldDescriptor* field : fields) {
    json& target = object[field->name()];
    if (!field->is_repeated()) {
      target = value_of(message, *field, 0);
      continue;
    }
    const int count = message.GetReflection()->FieldSize(message, field);
    target = field->is_map() ? json::object() : json::array();
    for (int i = 0; i < count; ++i) {
      json value = value_of(message, *field, i);
      if (field->is_map()) {
        target[value.value("key", "")] = value.value("value", json());
      } else {
        target.push_back(std::move(value));
      }
    }
  }
  return object;
}

std::string protobuf_of(const Message& message) {
  std::string bytes;
  {
    // The stream must be gone before `bytes` has its size.
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return bytes;
}

void pad_protobuf(std::string& bytes, std::size_t bytes_least) {
  const std::string padding(bytes_least - bytes.size(), 'x');
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.WriteVarint32(kPaddingField << 3U | kLengthDelimited);
  out.WriteVarint32(static_cast<std::uint32_t>(padding.size()));
  out.WriteString(padding);
}

}  // namespace

std::string encode(const Message& message, PayloadCodec codec, std::size_t bytes_least) {
  if (codec == PayloadCodec::kProtobuf) {
    std::string bytes = protobuf_of(message);
    if (bytes.size() < bytes_least) pad_protobuf(bytes, bytes_least);
    return bytes;
  }
  json object = object_of(message);
  std::string text = object.dump();
  if (text.size() < bytes_least) {
    object["padding"] = std::string(bytes_least - text.size(), 'x');
    text = object.dump();
  }
  return text;
}

}  // namespace sudare::sim
