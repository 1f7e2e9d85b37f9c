#include "sim/attack/world/seen_reader.h"

#include <algorithm>
#include <string_view>

namespace sudare::sim::attack {

namespace {

// Whether the purpose gets the field of that name, at any depth.
bool names(const SourcePlan& source, const ReleasePlan& plan, std::string_view field) {
  for (std::size_t i = 0; i < source.nodes.size(); ++i) {
    if (source.nodes[i].name == field && plan.rules[i].action != Action::kDrop) return true;
  }
  return false;
}

Seen seen_of(const Release::Content& content, std::int64_t payload_ms) {
  Seen seen;
  seen.time_ms = content.time_ms != 0 ? content.time_ms : payload_ms;
  return seen;
}

bool names_place(const SourcePlan& source, const ReleasePlan& plan) {
  for (std::size_t node = 0; node < plan.rules.size(); ++node) {
    if (plan.rules[node].action == Action::kDrop) continue;
    if (source.nodes[node].personal == sudare::v1::LATITUDE) return true;
  }
  return false;
}

bool has_place(const Seen& seen) { return seen.latitude_e7 != 0 || seen.longitude_e7 != 0; }

}  // namespace

SeenReader::SeenReader(const Policy& policy, PurposeIndex purpose) {
  for (const SourcePlan& source : policy.sources) {
    Named* named = nullptr;
    if (source.topic_filter == "vehicle/position") named = &position_;
    if (source.topic_filter == "vehicle/status") named = &status_;
    if (source.topic_filter == "vehicle/driving") named = &driving_;
    if (source.topic_filter == "vehicle/trip") named = &trip_;
    for (const ReleasePlan& plan : source.releases) {
      if (plan.purpose != purpose) continue;
      places_ = places_ || names_place(source, plan);
      if (named == nullptr) continue;
      named->speed = names(source, plan, "speed_kmh");
      named->heading = names(source, plan, "heading_deg");
      named->odometer = names(source, plan, "odometer_km");
    }
  }
}

bool SeenReader::read(const Release::Content& content, std::vector<Seen>& seen, SeenKind& kind) {
  const std::size_t before = seen.size();
  const bool known = read_fields(content, seen, kind);
  if (places_ || seen.size() > before) return known;
  kind = SeenKind::kStatus;
  seen.push_back(seen_of(content, 0));
  return true;
}

bool SeenReader::read_fields(const Release::Content& content, std::vector<Seen>& seen,
                             SeenKind& kind) {
  if (content.codec != Codec::kProtobuf) return false;
  if (content.topic == "vehicle/position") {
    kind = SeenKind::kPosition;
    return read_position(content, seen);
  }
  if (content.topic == "vehicle/status") {
    kind = SeenKind::kStatus;
    return read_status(content, seen);
  }
  if (content.topic == "vehicle/driving") {
    kind = SeenKind::kDriving;
    return read_driving(content, seen);
  }
  if (content.topic == "vehicle/trip") {
    kind = SeenKind::kTrip;
    return read_trip(content, seen);
  }
  return false;
}

bool SeenReader::read_position(const Release::Content& content, std::vector<Seen>& seen) {
  const auto& message = position_message_;
  if (!position_message_.ParseFromString(content.payload)) return false;
  Seen record = seen_of(content, message.time_ms());
  record.latitude_e7 = message.latitude_e7();
  record.longitude_e7 = message.longitude_e7();
  if (position_.speed) record.speed_kmh = message.speed_kmh();
  if (position_.heading) record.heading_degrees = message.heading_deg();
  seen.push_back(record);
  return true;
}

bool SeenReader::read_status(const Release::Content& content, std::vector<Seen>& seen) {
  const auto& message = status_message_;
  if (!status_message_.ParseFromString(content.payload)) return false;
  if (!status_.odometer && !status_.speed) return true;
  Seen record = seen_of(content, message.time_ms());
  if (status_.speed) record.speed_kmh = message.speed_kmh();
  if (status_.odometer) record.odometer_km = static_cast<float>(message.odometer_km());
  seen.push_back(record);
  return true;
}

bool SeenReader::read_driving(const Release::Content& content, std::vector<Seen>& seen) {
  const auto& message = driving_message_;
  if (!driving_message_.ParseFromString(content.payload)) return false;
  if (!message.has_event()) return true;
  Seen record = seen_of(content, message.time_ms());
  record.latitude_e7 = message.event().latitude_e7();
  record.longitude_e7 = message.event().longitude_e7();
  if (driving_.speed) record.speed_kmh = message.event().speed_kmh();
  if (has_place(record)) seen.push_back(record);
  return true;
}

bool SeenReader::read_trip(const Release::Content& content, std::vector<Seen>& seen) {
  const auto& message = trip_message_;
  if (!trip_message_.ParseFromString(content.payload)) return false;
  Seen start = seen_of(content, message.time_ms());
  Seen end = start;
  if (message.start_time_ms() != 0) start.time_ms = message.start_time_ms();
  if (message.end_time_ms() != 0) end.time_ms = message.end_time_ms();
  start.latitude_e7 = message.start_latitude_e7();
  start.longitude_e7 = message.start_longitude_e7();
  end.latitude_e7 = message.end_latitude_e7();
  end.longitude_e7 = message.end_longitude_e7();
  // The odometer is that of the message's own time.
  if (trip_.odometer) end.odometer_km = static_cast<float>(message.odometer_km());
  if (has_place(start)) seen.push_back(start);
  if (has_place(end) || trip_.odometer) seen.push_back(end);
  return true;
}

}  // namespace sudare::sim::attack
