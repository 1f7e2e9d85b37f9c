// A released record as its recipient reads it: from the payload's bytes, with the public schema.
#pragma once

#include <cstdint>
#include <vector>

#include "gateway/policy/policy.h"
#include "gateway/stages.h"
#include "sim/attack/data.h"
#include "sudare/vehicle/v1/driving.pb.h"
#include "sudare/vehicle/v1/position.pb.h"
#include "sudare/vehicle/v1/status.pb.h"
#include "sudare/vehicle/v1/trip.pb.h"

namespace sudare::sim::attack {

enum class SeenKind : std::uint8_t { kPosition, kStatus, kDriving, kTrip };

// Knows which fields the policy names: proto3 leaves a speed of 0 out of the payload like one that
// wasn't released, and recipients know the policy. One thread.
class SeenReader {
 public:
  SeenReader(const Policy& policy, PurposeIndex purpose);

  // Appends what the record tells: nothing, one Seen, or two (both ends of a trip); for a purpose
  // without positions at least its time, whatever the topic. False: a topic or a payload that isn't
  // known here.
  bool read(const Release::Content& content, std::vector<Seen>& seen, SeenKind& kind);

 private:
  // Of one kind's topic.
  struct Named {
    bool speed = false;
    bool heading = false;
    bool odometer = false;
  };

  bool read_fields(const Release::Content& content, std::vector<Seen>& seen, SeenKind& kind);
  bool read_position(const Release::Content& content, std::vector<Seen>& seen);
  bool read_status(const Release::Content& content, std::vector<Seen>& seen);
  bool read_driving(const Release::Content& content, std::vector<Seen>& seen);
  bool read_trip(const Release::Content& content, std::vector<Seen>& seen);

  bool places_ = false;  // the purpose receives positions at all
  Named position_;
  Named status_;
  Named driving_;
  Named trip_;
  sudare::vehicle::v1::Position position_message_;
  sudare::vehicle::v1::VehicleStatus status_message_;
  sudare::vehicle::v1::Driving driving_message_;
  sudare::vehicle::v1::Trip trip_message_;
};

}  // namespace sudare::sim::attack
