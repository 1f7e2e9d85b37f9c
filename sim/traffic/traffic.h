// Trips as the messages of a car: everything of traffic.md, in the order of time, at the rates of a
// profile. Doesn't send and doesn't wait: see sim/mqtt and sim/run.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/car/gnss.h"
#include "sim/car/identity.h"
#include "sim/random.h"
#include "sim/traffic/encode.h"
#include "sim/traffic/messages.h"
#include "sim/trip/trip.h"
#include "sudare/sim/v1/profile.pb.h"

namespace sudare::sim {

struct PositionE7 {
  std::int32_t latitude = 0;
  std::int32_t longitude = 0;
  friend auto operator<=>(const PositionE7&, const PositionE7&) = default;
};

struct Outgoing {
  std::string topic;
  std::string payload;
  std::int64_t time_ms = 0;  // event time, unix
  bool retained = false;
  std::vector<PositionE7> positions;  // every exact position in the payload
  std::string damage{};               // how it was damaged (malformed.h); empty: not
};

// Anything that makes a car's messages in the order of time.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // Nothing: there are no more.
  [[nodiscard]] virtual std::optional<Outgoing> next() = 0;
};

struct TrafficOptions {
  PayloadCodec codec = PayloadCodec::kProtobuf;
  std::size_t bytes_least = 0;         // payloads are filled up to this
  std::vector<std::string> consents;   // purposes granted at the start
  std::string clip_extension = "MP4";  // of the drive recorder's files
  // Nothing later is made or kept: a fleet whose run ends in mid-trip need not hold whole trips.
  std::int64_t end_ms = std::numeric_limits<std::int64_t>::max();
};

// Not thread-safe. The same trips, options and seed give the same bytes. Keeps a reference to
// `trips`.
class Traffic final : public MessageSource {
 public:
  Traffic(v1::Profile profile, CarIdentity car, TripSource& trips, TrafficOptions options,
          Random random);

  [[nodiscard]] std::optional<Outgoing> next() override;

 private:
  [[nodiscard]] Outgoing made(const char* topic, std::int64_t time_ms,
                              const google::protobuf::Message& message) const;
  void add(const char* topic, std::int64_t time_ms, const google::protobuf::Message& message);
  void add_consents(std::int64_t time_ms);
  void add_registration(const Trip& trip);
  void add_trip(const Trip& trip);
  void add_sampled(const Trip& trip, double fuel_used_l);
  void add_rare(const Trip& trip);
  void add_periodic(std::int64_t time_ms);
  // From the end of the last trip to `until_ms`.
  void add_parked(const Fix& parked, std::int64_t until_ms);
  [[nodiscard]] int times_in_trip(double per_day);
  [[nodiscard]] std::size_t any_fix(const Trip& trip);
  void finish_batch();
  void forget_later();
  // The next of trip_'s positions, where it comes before everything that is ready.
  [[nodiscard]] std::optional<Outgoing> next_position();

  v1::Profile profile_;
  CarIdentity car_;
  TripSource& trips_;
  TrafficOptions options_;
  Random random_;
  Gnss parked_gnss_;
  CarState state_;
  std::optional<Fix> parked_;
  bool ended_ = false;
  std::int64_t last_health_ms_ = 0;
  std::int64_t last_maintenance_ms_ = 0;
  std::int64_t last_software_ms_ = 0;
  std::size_t sentence_ = 0;
  std::vector<Outgoing> batch_;
  std::deque<Outgoing> ready_;
  // Nearly all messages are the positions of a trip. They are made as they are asked for: ten
  // thousand cars whose trips lie in memory as messages would take 7 GB.
  Trip trip_;
  std::size_t next_fix_ = 0;  // of trip_
  std::size_t leading_ = 0;   // messages at the front of ready_ that were made before the positions
};

// Every latitude and longitude pair that the schema's annotations name, at any depth; (0, 0) is
// "not set" and left out.
[[nodiscard]] std::vector<PositionE7> positions_in(const google::protobuf::Message& message);

}  // namespace sudare::sim
