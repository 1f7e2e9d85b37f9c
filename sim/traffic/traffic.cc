#include "sim/traffic/traffic.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"

namespace sudare::sim {

namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr double kDaysPerMonth = 30;
constexpr double kKmPerLiter = 20;
constexpr double kTankLiters = 43;

std::int64_t interval_ms(double per_day) {
  return std::llround(static_cast<double>(kMsPerDay) / per_day);
}

}  // namespace

Traffic::Traffic(v1::Profile profile, CarIdentity car, TripSource& trips, TrafficOptions options,
                 Random random)
    : profile_(std::move(profile)),
      car_(std::move(car)),
      trips_(trips),
      options_(std::move(options)),
      random_(random),
      parked_gnss_(profile_.gnss().error_meters(), profile_.gnss().altitude_meters(),
                   random_.fork()) {
  state_.odometer_km = random_.between(2000, 90'000);
  state_.fuel_percent = random_.between(40, 95);
  state_.outside_celsius = random_.between(-2, 33);
  state_.service_due_km = random_.between(500, 9000);
}

std::optional<Outgoing> Traffic::next() {
  for (;;) {
    if (auto position = next_position()) return position;
    if (!ready_.empty()) break;
    if (ended_) return std::nullopt;
    auto trip = trips_.next();
    if (trip) {
      if (parked_) {
        add_parked(*parked_, trip->fixes.front().time_ms);
      } else {
        add_consents(trip->fixes.front().time_ms);
        if (profile_.rates().registration()) add_registration(*trip);
      }
      add_trip(*trip);
      parked_ = trip->fixes.back();
      trip_ = *std::move(trip);
      next_fix_ = profile_.rates().position_hz() > 0 ? 0 : trip_.fixes.size();
    } else {
      ended_ = true;
      const double minutes = profile_.rates().parked_power_minutes();
      if (parked_) {
        add_parked(*parked_,
                   parked_->time_ms + std::llround(minutes * static_cast<double>(kMsPerMinute)));
      }
    }
    finish_batch();
    forget_later();
  }
  Outgoing result = std::move(ready_.front());
  ready_.pop_front();
  if (leading_ > 0) --leading_;
  return result;
}

std::optional<Outgoing> Traffic::next_position() {
  if (next_fix_ == trip_.fixes.size()) return std::nullopt;
  const Fix& fix = trip_.fixes[next_fix_];
  if (!ready_.empty()) {
    const std::int64_t ready_ms = ready_.front().time_ms;
    if (ready_ms < fix.time_ms || (ready_ms == fix.time_ms && leading_ > 0)) return std::nullopt;
  }
  ++next_fix_;
  return made("vehicle/position", fix.time_ms, position_message(fix, false));
}

void Traffic::finish_batch() {
  std::stable_sort(batch_.begin(), batch_.end(),
                   [](const Outgoing& a, const Outgoing& b) { return a.time_ms < b.time_ms; });
  std::move(batch_.begin(), batch_.end(), std::back_inserter(ready_));
  batch_.clear();
}

Outgoing Traffic::made(const char* topic, std::int64_t time_ms,
                       const google::protobuf::Message& message) const {
  Outgoing outgoing;
  outgoing.topic = topic;
  outgoing.payload = encode(message, options_.codec, options_.bytes_least);
  outgoing.time_ms = time_ms;
  outgoing.positions = positions_in(message);
  return outgoing;
}

void Traffic::forget_later() {
  const auto later = [this](const auto& one) { return one.time_ms > options_.end_ms; };
  if ((ready_.empty() || !later(ready_.back())) &&
      (trip_.fixes.empty() || !later(trip_.fixes.back()))) {
    return;
  }
  ended_ = true;
  std::erase_if(ready_, later);
  std::erase_if(trip_.fixes, later);
  ready_.shrink_to_fit();
  trip_.fixes.shrink_to_fit();
  next_fix_ = std::min(next_fix_, trip_.fixes.size());
}

void Traffic::add(const char* topic, std::int64_t time_ms,
                  const google::protobuf::Message& message) {
  batch_.push_back(made(topic, time_ms, message));
}

void Traffic::add_consents(std::int64_t time_ms) {
  for (const std::string& purpose : options_.consents) {
    Outgoing outgoing;
    outgoing.topic = "vehicle/consent/" + purpose;
    outgoing.payload = R"({"granted": true, "counter": 1})";
    outgoing.time_ms = time_ms;
    outgoing.retained = true;
    batch_.push_back(std::move(outgoing));
  }
}

// What a car says when the services are taken up, at its first start: one message of every kind
// that does not come from driving.
void Traffic::add_registration(const Trip& trip) {
  const Fix& at = trip.fixes.front();
  const std::int64_t now_ms = at.time_ms;
  add("vehicle/identity", now_ms, identity_message(car_, now_ms));
  add("account/profile", now_ms, account_message(car_, now_ms));
  add("vehicle/software", now_ms, software_message(now_ms, car_));
  add("vehicle/maintenance", now_ms, maintenance_message(now_ms, state_));
  add("vehicle/health", now_ms, health_message(now_ms, state_, true, random_));
  add("vehicle/emergency", now_ms,
      emergency_message(car_, at, {at}, vehicle::Emergency::LINE_CHECK, random_));
  add("vehicle/security", now_ms, security_message(at, vehicle::SecurityEvent::ENGINE_START));
  add("vehicle/remote/result", now_ms,
      remote_message(now_ms, vehicle::RemoteResult::CLIMATE_ON, state_, random_));
  add("vehicle/drive-recorder/event", now_ms,
      drive_recorder_message(car_, {at}, vehicle::DriveRecorderEvent::MANUAL,
                             options_.clip_extension));
  for (; sentence_ < 5; ++sentence_) {
    add("infotainment/request", now_ms, infotainment_message(car_, at, trip, sentence_));
  }
  last_health_ms_ = last_maintenance_ms_ = last_software_ms_ = now_ms;
}

// The health report is due once in so many hours; it goes out when the ignition comes on. The same
// for maintenance and software.
void Traffic::add_periodic(std::int64_t time_ms) {
  const v1::Rates& rates = profile_.rates();
  const auto due = [time_ms](std::int64_t& last_ms, double per_day) {
    if (per_day <= 0) return false;
    // The first is due at a random phase in life, which is never known; taking it as now.
    if (last_ms != 0 && time_ms - last_ms < interval_ms(per_day)) return false;
    last_ms = time_ms;
    return true;
  };
  if (due(last_health_ms_, rates.health_per_day())) {
    add("vehicle/health", time_ms, health_message(time_ms, state_, false, random_));
  }
  if (due(last_maintenance_ms_, rates.maintenance_per_month() / kDaysPerMonth)) {
    add("vehicle/maintenance", time_ms, maintenance_message(time_ms, state_));
  }
  if (due(last_software_ms_, rates.software_per_week() / 7)) {
    add("vehicle/software", time_ms, software_message(time_ms, car_));
  }
}

void Traffic::add_trip(const Trip& trip) {
  const Fix& start = trip.fixes.front();
  const Fix& end = trip.fixes.back();
  add_periodic(start.time_ms);
  state_.doors_locked = false;
  add("vehicle/status", start.time_ms,
      status_message(start, state_, vehicle::VehicleStatus::ACCESSORY, random_));
  state_.doors_locked = true;
  add("vehicle/trip", start.time_ms, trip_start_message(trip, state_));
  const double fuel_used_l = trip.distance_meters / 1000 / kKmPerLiter;
  add_sampled(trip, fuel_used_l);
  for (const HarshEvent& event : trip.events) {
    add("vehicle/driving", trip.fixes[event.fix].time_ms, driving_event_message(trip, event));
  }
  add_rare(trip);
  add("vehicle/driving", end.time_ms, driving_summary_message(trip));
  add("vehicle/trip", end.time_ms, trip_end_message(trip, state_, fuel_used_l));
  state_.doors_locked = false;
  add("vehicle/status", end.time_ms,
      status_message(end, state_, vehicle::VehicleStatus::IGNITION_UNSPECIFIED, random_));
  state_.doors_locked = true;
  if (state_.fuel_percent < 15) state_.fuel_percent = 100;
}

// Status along the way; the odometer and the tank follow.
void Traffic::add_sampled(const Trip& trip, double fuel_used_l) {
  const v1::Rates& rates = profile_.rates();
  leading_ = batch_.size();
  const double share = 1.0 / static_cast<double>(trip.fixes.size());
  double next_status_ms = static_cast<double>(trip.fixes.front().time_ms);
  for (const Fix& fix : trip.fixes) {
    state_.odometer_km += trip.distance_meters / 1000 * share;
    state_.service_due_km -= trip.distance_meters / 1000 * share;
    state_.fuel_percent -= fuel_used_l / kTankLiters * 100 * share;
    state_.outside_celsius += 0.002 * random_.normal();
    if (rates.status_s() <= 0 || static_cast<double>(fix.time_ms) < next_status_ms) continue;
    next_status_ms = static_cast<double>(fix.time_ms) + rates.status_s() * 1000;
    add("vehicle/status", fix.time_ms,
        status_message(fix, state_, vehicle::VehicleStatus::ON, random_));
  }
}

int Traffic::times_in_trip(double per_day) {
  return random_.poisson(std::min(20.0, per_day / profile_.day().trips()));
}

std::size_t Traffic::any_fix(const Trip& trip) { return random_.below(trip.fixes.size()); }

void Traffic::add_rare(const Trip& trip) {
  const v1::Rates& rates = profile_.rates();
  for (int n = times_in_trip(rates.infotainment_per_day()); n > 0; --n) {
    const Fix& at = trip.fixes[any_fix(trip)];
    add("infotainment/request", at.time_ms, infotainment_message(car_, at, trip, sentence_++));
  }
  for (int n = times_in_trip(rates.warnings_per_month() / kDaysPerMonth); n > 0; --n) {
    const std::int64_t time_ms = trip.fixes[any_fix(trip)].time_ms;
    add("vehicle/health", time_ms, health_message(time_ms, state_, true, random_));
  }
  const auto before = [&trip](std::size_t at, std::size_t count) {
    const std::size_t first = at + 1 > count ? at + 1 - count : 0;
    return std::vector<Fix>(trip.fixes.begin() + static_cast<std::ptrdiff_t>(first),
                            trip.fixes.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  };
  for (int n = times_in_trip(rates.drive_recorder_per_month() / kDaysPerMonth); n > 0; --n) {
    const std::size_t at = any_fix(trip);
    add("vehicle/drive-recorder/event", trip.fixes[at].time_ms,
        drive_recorder_message(car_, before(at, 12),
                               random_.chance(0.7) ? vehicle::DriveRecorderEvent::IMPACT
                                                   : vehicle::DriveRecorderEvent::MANUAL,
                               options_.clip_extension));
  }
  for (int n = times_in_trip(rates.emergencies_per_month() / kDaysPerMonth); n > 0; --n) {
    const std::size_t at = any_fix(trip);
    add("vehicle/emergency", trip.fixes[at].time_ms,
        emergency_message(car_, trip.fixes[at], before(at, 6), vehicle::Emergency::AIRBAG,
                          random_));
  }
}

void Traffic::add_parked(const Fix& parked, std::int64_t until_ms) {
  const v1::Rates& rates = profile_.rates();
  const std::int64_t step_ms = std::llround(rates.parked_position_s() * 1000);
  const std::int64_t power_until_ms = std::min<std::int64_t>(
      until_ms, parked.time_ms +
                    std::llround(rates.parked_power_minutes() * static_cast<double>(kMsPerMinute)));
  const auto fix_at = [&](std::int64_t time_ms) {
    Fix fix = parked;
    parked_gnss_.observe(parked.place, {}, static_cast<double>(step_ms) / 1000, fix);
    fix.altitude_meters = parked.altitude_meters;
    fix.speed_kmh = 0;
    fix.time_ms = time_ms;
    return fix;
  };
  for (std::int64_t at_ms = parked.time_ms + step_ms; step_ms > 0 && at_ms < power_until_ms;
       at_ms += step_ms) {
    add("vehicle/position", at_ms, position_message(fix_at(at_ms), true));
  }
  const double parked_days =
      static_cast<double>(until_ms - parked.time_ms) / static_cast<double>(kMsPerDay);
  const auto any_time = [&] {
    return parked.time_ms +
           std::llround(random_.unit() * static_cast<double>(until_ms - parked.time_ms));
  };
  for (int n = random_.poisson(std::min(20.0, rates.security_per_day() * parked_days)); n > 0;
       --n) {
    const Fix at = fix_at(any_time());
    add("vehicle/security", at.time_ms,
        security_message(at, random_.chance(0.5) ? vehicle::SecurityEvent::LEFT_UNLOCKED
                                                 : vehicle::SecurityEvent::ALARM));
  }
  for (int n = random_.poisson(std::min(20.0, rates.remote_per_day() * parked_days)); n > 0; --n) {
    const auto command = static_cast<vehicle::RemoteResult::Command>(1 + random_.below(4));
    const std::int64_t at_ms = any_time();
    add("vehicle/remote/result", at_ms, remote_message(at_ms, command, state_, random_));
  }
}

}  // namespace sudare::sim
