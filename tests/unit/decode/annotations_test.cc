// Every field of the car's messages says whether it is personal.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sudare/v1/privacy.pb.h"
#include "sudare/vehicle/v1/account.pb.h"
#include "sudare/vehicle/v1/drive_recorder.pb.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "sudare/vehicle/v1/emergency.pb.h"
#include "sudare/vehicle/v1/health.pb.h"
#include "sudare/vehicle/v1/identity.pb.h"
#include "sudare/vehicle/v1/infotainment.pb.h"
#include "sudare/vehicle/v1/maintenance.pb.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "sudare/vehicle/v1/remote.pb.h"
#include "sudare/vehicle/v1/security.pb.h"
#include "sudare/vehicle/v1/software.pb.h"
#include "sudare/vehicle/v1/status.pb.h"
#include "sudare/vehicle/v1/trip.pb.h"

namespace sudare {
namespace {

namespace vehicle = ::sudare::vehicle::v1;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::vector<const FileDescriptor*> files() {
  std::vector<const FileDescriptor*> found;
  for (const Descriptor* message :
       {vehicle::AccountProfile::descriptor(), vehicle::DriveRecorderEvent::descriptor(),
        vehicle::Driving::descriptor(), vehicle::Emergency::descriptor(),
        vehicle::VehicleHealth::descriptor(), vehicle::VehicleIdentity::descriptor(),
        vehicle::InfotainmentRequest::descriptor(), vehicle::Maintenance::descriptor(),
        vehicle::Position::descriptor(), vehicle::RemoteResult::descriptor(),
        vehicle::SecurityEvent::descriptor(), vehicle::SoftwareReport::descriptor(),
        vehicle::VehicleStatus::descriptor(), vehicle::Trip::descriptor()}) {
    found.push_back(message->file());
  }
  return found;
}

void expect_units(const FieldDescriptor& field) {
  const v1::PersonalClass personal = field.options().GetExtension(v1::personal);
  const v1::Unit unit = field.options().GetExtension(v1::unit);
  if (personal == v1::LATITUDE || personal == v1::LONGITUDE) {
    EXPECT_EQ(unit, v1::DEGREES_E7) << field.full_name();
  }
  if (personal == v1::TIMESTAMP) {
    EXPECT_EQ(unit, v1::MILLISECONDS) << field.full_name();
  }
}

// Returns how many fields it looked at.
int expect_annotated(const Descriptor& message) {
  // The fields of a map's entry can't carry options: the map's own count for them.
  if (message.options().map_entry()) return 0;
  int count = message.field_count();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    EXPECT_NE(field.options().GetExtension(v1::personal), v1::UNCLASSED) << field.full_name();
    expect_units(field);
  }
  for (int i = 0; i < message.enum_type_count(); ++i) {
    const EnumDescriptor& type = *message.enum_type(i);
    EXPECT_EQ(type.value(0)->number(), 0) << type.full_name();
    EXPECT_TRUE(type.value(0)->options().GetExtension(v1::unknown_value)) << type.full_name();
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    count += expect_annotated(*message.nested_type(i));
  }
  return count;
}

TEST(VehicleSchema, EveryFieldSaysWhetherItIsPersonal) {
  int count = 0;
  for (const FileDescriptor* file : files()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      count += expect_annotated(*file->message_type(i));
    }
  }
  EXPECT_GT(count, 100);
}

TEST(VehicleSchema, EveryFileOfTheFolderIsLookedAt) {
  const char* source = std::getenv("SUDARE_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "SUDARE_SOURCE_DIR is not set";
  std::set<std::string> known;
  for (const FileDescriptor* file : files()) {
    known.insert(std::filesystem::path(file->name()).filename());
  }
  const auto folder = std::filesystem::path(source) / "proto/sudare/vehicle/v1";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(known.count(entry.path().filename()), 1U) << entry.path();
  }
}

TEST(VehicleSchema, LatitudesHaveALongitudeInTheSameGroup) {
  for (const FileDescriptor* file : files()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      std::map<std::string, int> balance;
      for (int k = 0; k < file->message_type(i)->field_count(); ++k) {
        const auto& options = file->message_type(i)->field(k)->options();
        const v1::PersonalClass personal = options.GetExtension(v1::personal);
        if (personal == v1::LATITUDE) ++balance[options.GetExtension(v1::group)];
        if (personal == v1::LONGITUDE) --balance[options.GetExtension(v1::group)];
      }
      for (const auto& [group, difference] : balance) {
        EXPECT_EQ(difference, 0) << file->message_type(i)->full_name() << " " << group;
      }
    }
  }
}

}  // namespace
}  // namespace sudare
