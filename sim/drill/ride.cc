#include "sim/drill/ride.h"

#include <algorithm>
#include <optional>
#include <thread>

#include "sim/compare/leaks.h"
#include "sim/process/local.h"
#include "sim/process/wait.h"

namespace sudare::sim::drill {

namespace {

constexpr std::size_t kCars = 3;
constexpr std::uint64_t kCrowdCars = 2000;
constexpr std::uint64_t kQuickCrowdCars = 600;
constexpr double kSpeed = 10;
constexpr double kCarSeconds = 60;
constexpr double kQuickCarSeconds = 30;
constexpr std::int64_t kCrowdMsMax = 120'000;
constexpr std::int64_t kQuietMs = 1500;

// Other cars of the same fleet: they drive off while these drive, and go on for longer.
Parsed<Child> start_crowd(const Ride& ride, double car_seconds) {
  const Setting& setting = *ride.setting;
  const MqttPeer peer = ride.cloud->peer(kCrowd);
  const double seconds = car_seconds + 4 * kSpeed;
  return Child::start({setting.tools().programs / "sudare-sim",
                       "fleet",
                       "--cloud-broker",
                       "mqtts://127.0.0.1:" + std::to_string(peer.endpoint.port),
                       "--ca",
                       peer.ca_file,
                       "--cert",
                       peer.cert_file,
                       "--key",
                       peer.key_file,
                       "--cars",
                       std::to_string(ride.crowd),
                       "--seed",
                       std::to_string(setting.options().seed + 1000),
                       "--policy",
                       setting.place().in("policy.textproto"),
                       "--no-receive",
                       "--no-outages",
                       "--speed",
                       std::to_string(kSpeed),
                       "--duration",
                       std::to_string(seconds),
                       "--together",
                       std::to_string(seconds)},
                      setting.place().in("crowd.log"));
}

Parsed<Done> prepare(Ride& ride) {
  const Setting& setting = *ride.setting;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kCars; ++i) names.push_back("car-" + std::to_string(i + 1));
  std::vector<std::string> senders = names;
  senders.insert(senders.end(), {kCrowd, kIntruder});
  auto cloud = Cloud::make(setting.place(), "cloud", senders, true);
  if (!cloud) return tl::unexpected<InputError>(cloud.error());
  ride.cloud = *std::move(cloud);
  auto raw = Cloud::make(setting.place(), "raw-cloud", names, false);
  if (!raw) return tl::unexpected<InputError>(raw.error());
  ride.raw_cloud = *std::move(raw);
  for (Cloud* broker : {ride.cloud.get(), ride.raw_cloud.get()}) {
    if (auto done = broker->start(); !done) return done;
  }
  for (std::size_t i = 0; i < kCars; ++i) {
    CarOptions options;
    options.name = names[i];
    options.seed = setting.options().seed * 100 + i;
    options.cloud = ride.cloud->peer(names[i]);
    options.bridge_port = ride.raw_cloud->peer(names[i]).endpoint.port;
    auto car = Car::make(setting, options);
    if (!car) return tl::unexpected<InputError>(car.error());
    ride.cars.push_back(*std::move(car));
    if (auto done = ride.cars.back()->start_broker(); !done) return done;
    if (auto done = ride.cars.back()->start_gateway(true); !done) return done;
  }
  return Done{};
}

// All at once, each on a thread of its own.
Parsed<Done> drive(const Ride& ride, double car_seconds) {
  std::vector<std::optional<InputError>> errors(ride.cars.size());
  std::vector<std::thread> drivers;
  for (std::size_t i = 0; i < ride.cars.size(); ++i) {
    drivers.emplace_back([&, i] {
      auto done = ride.cars[i]->drive({car_seconds, kSpeed});
      if (done) done = ride.cars[i]->wait_drained();
      if (!done) errors[i] = done.error();
    });
  }
  for (std::thread& driver : drivers) driver.join();
  for (const auto& error : errors) {
    if (error) return tl::unexpected<InputError>(*error);
  }
  return Done{};
}

// Nothing has come for a while: what is still on its way is not missing in what is handed over.
void wait_quiet(const Cloud& cloud) {
  std::size_t count = cloud.count();
  while (!wait_until([] { return false; }, kQuietMs) && count != cloud.count()) {
    count = cloud.count();
  }
}

Parsed<Done> collect(Ride& ride) {
  ride.sealed = ride.cloud->bucket();
  ride.raw = ride.raw_cloud->bucket();
  if (!ride.cloud->whole() || !ride.raw_cloud->whole()) {
    return input_error({}, 0, "a cloud broker's traffic was not recorded whole");
  }
  Truth all;
  for (const auto& car : ride.cars) {
    auto truth = car->truth();
    if (!truth) return tl::unexpected<InputError>(truth.error());
    std::move(truth->planted.begin(), truth->planted.end(), std::back_inserter(all.planted));
    std::move(truth->messages.begin(), truth->messages.end(), std::back_inserter(all.messages));
  }
  ride.planted = planted_in(all);
  return Done{};
}

}  // namespace

Bucket Ride::of_the_cars() const {
  Bucket own;
  std::copy_if(sealed.begin(), sealed.end(), std::back_inserter(own),
               [](const Stored& stored) { return stored.sender != kCrowd; });
  return own;
}

Parsed<std::unique_ptr<Ride>> ride(const DrillOptions& options) {
  auto ride = std::make_unique<Ride>();
  options.progress("keys, certificates, cars");
  auto setting = Setting::make(options);
  if (!setting) return tl::unexpected<InputError>(setting.error());
  ride->setting = *std::move(setting);
  ride->crowd = options.quick ? kQuickCrowdCars : kCrowdCars;
  if (auto done = prepare(*ride); !done) return tl::unexpected<InputError>(done.error());
  const double car_seconds = options.quick ? kQuickCarSeconds : kCarSeconds;
  auto crowd = start_crowd(*ride, car_seconds);
  if (!crowd) return tl::unexpected<InputError>(crowd.error());
  options.progress("three cars and a crowd of " + std::to_string(ride->crowd) + " drive");
  const bool under_way =
      wait_until([&] { return ride->cloud->count() > 0 || !crowd->running(); }, kCrowdMsMax);
  if (!under_way || !crowd->running()) {
    return input_error({}, 0, "the crowd does not drive\n" + tail_of(crowd->output()));
  }
  if (auto done = drive(*ride, car_seconds); !done) return tl::unexpected<InputError>(done.error());
  if (!wait_until([&] { return !crowd->running(); }, kCrowdMsMax) || crowd->stop(0) != 0) {
    return input_error({}, 0, "the crowd did not arrive\n" + tail_of(crowd->output()));
  }
  wait_quiet(*ride->cloud);
  wait_quiet(*ride->raw_cloud);
  for (const auto& car : ride->cars) car->stop_gateway();
  if (auto done = collect(*ride); !done) return tl::unexpected<InputError>(done.error());
  return ride;
}

}  // namespace sudare::sim::drill
