// One car of a drill: its in-vehicle broker, its unit (the real sudare-gateway), its driver. Files
// lie below the workplace, in a directory of the car's name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "sim/drill/setting.h"
#include "sim/process/child.h"
#include "sim/process/metrics.h"
#include "sim/run.h"
#include "sim/truth.h"

namespace sudare::sim::drill {

struct CarOptions {
  std::string name;
  std::uint64_t seed = 1;  // who it is and how it drives
  MqttPeer cloud;
  // The control beside it: the in-vehicle broker is a bridge as well, and forwards every message
  // as it is to this port, under "cars/<VIN>/". Its queue is on its disk. 0: none.
  std::uint16_t bridge_port = 0;
  std::int64_t provisioned_days_ago = 0;
};

struct DriveOptions {
  double car_seconds = 60;
  double speed = 10;  // car seconds in a second
};

class Car {
 public:
  static Parsed<std::unique_ptr<Car>> make(const Setting& setting, const CarOptions& options);
  ~Car();
  Car(const Car&) = delete;
  Car& operator=(const Car&) = delete;

  [[nodiscard]] Parsed<Done> start_broker();
  // Ready to take messages when it returns; `connected`: to the cloud, too.
  [[nodiscard]] Parsed<Done> start_gateway(bool connected);
  void stop_gateway();  // in order
  void kill_gateway();  // kill -9
  // As the in-vehicle broker has its queue on disk now.
  [[nodiscard]] Parsed<Done> save_broker_queue();

  // What the car sends goes to its ground truth. Returns once the gateway has taken all of it.
  [[nodiscard]] Parsed<Done> drive(const DriveOptions& drive);
  // The unit is told where and when it is, with the ignition off: pseudonyms may change.
  [[nodiscard]] Parsed<Done> stand_still();
  // Until nothing waits in its outbox.
  [[nodiscard]] Parsed<Done> wait_drained();

  [[nodiscard]] const std::string& name() const { return options_.name; }
  [[nodiscard]] std::filesystem::path directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path state() const { return directory_ / "state"; }
  [[nodiscard]] std::filesystem::path broker_files() const { return directory_ / "broker"; }
  [[nodiscard]] std::filesystem::path record() const {
    return directory_ / "relink" / "record.age";
  }
  [[nodiscard]] std::filesystem::path log() const { return directory_ / "gateway.log"; }
  // Of all drives so far.
  [[nodiscard]] Parsed<Truth> truth() const;
  [[nodiscard]] Parsed<Metrics> metrics() const { return fetch_metrics(status_port_); }

 private:
  Car(const Setting& setting, CarOptions options);
  Parsed<Done> write_files();
  Parsed<Done> provision();
  Parsed<Done> provision_in_the_past();
  [[nodiscard]] PublisherOptions local() const;
  [[nodiscard]] std::uint64_t taken() const;
  Parsed<Done> wait_taken(std::uint64_t messages) const;

  const Setting& setting_;
  CarOptions options_;
  std::filesystem::path directory_;
  std::uint16_t local_port_ = 0;
  std::uint16_t status_port_ = 0;
  int truths_ = 0;
  std::unique_ptr<Child> broker_;
  std::unique_ptr<Child> gateway_;
};

}  // namespace sudare::sim::drill
