// Every field of a policy is compared: a field that policy_diff.h forgets is one that changes
// unseen by who signs. Walks the descriptors, so that a new field fails here until it is told.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "fleet/diff/policy_diff.h"

namespace sudare {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

// Every message occurs in it; the walk finds what doesn't.
constexpr const char* kEverything = R"(
language: 1 serial: 4 not_before: "2026-01-01" not_after: "2028-12-31"
purpose {
  name: "film" recipient: "age1b" certificate: "sudarecert1a" pseudonym { rotate_days: 28 }
  consent: OPT_IN audience: OWNER
  ceiling { cell: M1000 time_bucket_ms: 60000 allow: VIDEO hold_back: M1000 }
  clips { profile: SKETCH trigger: IMPACT burned_in { recorder_model: "r" left: 1 } }
}
source {
  topic: "car/{vin}" codec: JSON identity_field: "v"
  classify { path: "n" class: ODOMETER unit: KILOMETERS group: "g" }
  clip_event { file_field: "f" moment_field: "m" trigger_field: "t" model_field: "o" }
  release {
    to: "film"
    field { path: "n" coarsen { step: 100 least: 1 most: 900 } tolerate: EMAIL combine: SUM }
    level { name: "vin" pseudonymize {} }
    location { cell: M1000 on_move: true hold_back { ring: M1000 rest_ms: 1 at_once: M5000 } }
    time { bucket_ms: 60000 } rate { min_interval_ms: 5000 } aggregate { days: 7 }
  }
}
)";

class PolicyDiffFields : public testing::Test {
 protected:
  PolicyDiffFields() {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kEverything, &before_));
    after_ = before_;
    after_.set_serial(5);
  }

  void expect_told(const FieldDescriptor& field) {
    EXPECT_FALSE(diff_policies(before_, after_).empty()) << field.full_name() << " is not compared";
    visited_.insert(field.full_name());
  }

  // Sets the field to something else, looks, and puts it back.
  void change(Message& message, const FieldDescriptor& field);
  void walk(Message& message);

  v1::Policy before_;
  v1::Policy after_;
  std::set<std::string> visited_;
};

int another_value(const EnumDescriptor& type, int value) {
  const int last = type.value(type.value_count() - 1)->number();
  return value == last ? type.value(type.value_count() - 2)->number() : last;
}

void set_another(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, &field, !reflection.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, &field, reflection.GetUInt32(message, &field) + 1);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&message, &field, reflection.GetUInt64(message, &field) + 1);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(&message, &field, reflection.GetDouble(message, &field) + 1);
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(&message, &field, reflection.GetString(message, &field) + "x");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = reflection.GetEnumValue(message, &field);
      return reflection.SetEnumValue(&message, &field, another_value(*field.enum_type(), value));
    }
    default: FAIL() << field.full_name() << ": a type that this test doesn't know";
  }
}

// Makes `field` the one of its group that is set.
void choose(Message& message, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    message.GetReflection()->MutableMessage(&message, &field);
  } else {
    set_another(message, field);
  }
}

void PolicyDiffFields::change(Message& message, const FieldDescriptor& field) {
  const std::unique_ptr<Message> kept(message.New());
  kept->CopyFrom(message);
  const Reflection& reflection = *message.GetReflection();
  if (const OneofDescriptor* const group = field.containing_oneof()) {
    // It against what is set, or, where that is it, against another.
    const bool is_set = reflection.HasField(message, &field);
    const FieldDescriptor* const other =
        is_set ? group->field(group->field(0) == &field ? 1 : 0) : &field;
    choose(message, *other);
  } else if (field.is_repeated()) {
    ASSERT_GT(reflection.FieldSize(message, &field), 0) << field.full_name();
    reflection.RemoveLast(&message, &field);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    ASSERT_TRUE(reflection.HasField(message, &field)) << field.full_name();
    reflection.ClearField(&message, &field);
  } else {
    set_another(message, field);
  }
  expect_told(field);
  message.CopyFrom(*kept);
}

void PolicyDiffFields::walk(Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    // A serial that rises is not told, and the test of serials has the rest.
    if (field.full_name() == "sudare.v1.Policy.serial") continue;
    change(message, field);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field.is_repeated()) {
      walk(*reflection.MutableRepeatedMessage(&message, &field, 0));
    } else if (reflection.HasField(message, &field)) {
      walk(*reflection.MutableMessage(&message, &field));
    }
  }
}

// Of all messages that a policy is made of.
std::set<std::string> all_fields() {
  std::set<std::string> all;
  const std::function<void(const Descriptor&)> add = [&](const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const bool is_new = all.insert(field.full_name()).second;
      if (is_new && field.message_type() != nullptr) add(*field.message_type());
    }
  };
  add(*v1::Policy::descriptor());
  all.erase("sudare.v1.Policy.serial");
  return all;
}

TEST_F(PolicyDiffFields, EveryFieldOfAPolicyIsCompared) {
  ASSERT_TRUE(diff_policies(before_, after_).empty());
  walk(after_);
  EXPECT_EQ(visited_, all_fields());
}

}  // namespace
}  // namespace sudare
