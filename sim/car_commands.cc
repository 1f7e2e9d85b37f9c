// `sudare-sim vehicle` and `sudare-sim replay`: a car's messages into an in-vehicle broker.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "sim/car/vehicle.h"
#include "sim/clips/clip_source.h"
#include "sim/commands.h"
#include "sim/options.h"
#include "sim/profile.h"
#include "sim/trip/read_trips.h"
#include "sim/trip/replay_trips.h"

namespace sudare::sim {

namespace {

class TerminalProgress final : public Progress {
 public:
  void show(const RunSummary& so_far, std::int64_t /*car_time_ms*/) override {
    std::fprintf(stderr, "\r%llu sent, %llu acknowledged, %.0f s of driving and parking ",
                 static_cast<unsigned long long>(so_far.sent),
                 static_cast<unsigned long long>(so_far.acknowledged),
                 static_cast<double>(so_far.car_ms) / 1000);
    shown_ = true;
  }
  ~TerminalProgress() override {
    if (shown_) std::fprintf(stderr, "\n");
  }

 private:
  bool shown_ = false;
};

void print_summary(const RunSummary& summary, bool json) {
  if (json) {
    std::printf("%s\n", nlohmann::json{{"sent", summary.sent},
                                       {"acknowledged", summary.acknowledged},
                                       {"payload_bytes", summary.payload_bytes},
                                       {"positions", summary.positions},
                                       {"car_ms", summary.car_ms},
                                       {"took_ms", summary.took_ms},
                                       {"reconnects", summary.reconnects},
                                       {"stopped", summary.stopped}}
                            .dump()
                            .c_str());
    return;
  }
  std::printf("%llu messages (%llu bytes, %llu positions) sent, %llu acknowledged, in %.1f s\n",
              static_cast<unsigned long long>(summary.sent),
              static_cast<unsigned long long>(summary.payload_bytes),
              static_cast<unsigned long long>(summary.positions),
              static_cast<unsigned long long>(summary.acknowledged),
              static_cast<double>(summary.took_ms) / 1000);
}

// What a run needs beside its messages.
struct Session {
  MqttPeer broker;
  Pace pace;
  std::unique_ptr<TruthWriter> truth;
};

Parsed<Session> open_session(const CarOptions& options, const CarIdentity& identity) {
  auto broker = broker_of(options);
  if (!broker) return tl::unexpected<InputError>(broker.error());
  Session session{*broker, pace_of(options), nullptr};
  if (options.truth.empty()) return session;
  auto truth = TruthWriter::create(options.truth);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  session.truth = *std::move(truth);
  for (const Planted& planted : planted_identifiers(identity)) session.truth->planted(planted);
  return session;
}

// Every message that was sent and not acknowledged is a loss: exit 3.
Parsed<int> run_messages(MessageSource& messages, Session session, const CarOptions& options) {
  std::unique_ptr<Progress> progress;
  if (isatty(STDERR_FILENO) != 0) progress = std::make_unique<TerminalProgress>();
  auto summary =
      run(messages, session.broker, options.qos, session.pace, session.truth.get(), progress.get());
  progress.reset();
  if (!summary) return tl::unexpected<InputError>(summary.error());
  if (session.truth != nullptr && !session.truth->close()) {
    return input_error(options.truth, 0, "not everything could be written", "is the disk full?");
  }
  print_summary(*summary, options.json);
  return summary->acknowledged == summary->sent ? 0 : 3;
}

// A clip that could not be made is a failure: exit 1.
Parsed<int> run_session(MessageSource& messages, Session session, const CarOptions& options) {
  if (options.clips.empty()) return run_messages(messages, std::move(session), options);
  ClipSource with_clips(messages, options.clips,
                        options.codec == "json" ? PayloadCodec::kJson : PayloadCodec::kProtobuf);
  auto result = run_messages(with_clips, std::move(session), options);
  std::fprintf(stderr, "%llu clips in %s\n", static_cast<unsigned long long>(with_clips.made()),
               options.clips.c_str());
  return result && with_clips.failed() > 0 ? Parsed<int>(1) : result;
}

Parsed<int> run_vehicle(const CarOptions& options) {
  auto profile = load_profile(options.profile);
  if (!profile) return tl::unexpected<InputError>(profile.error());
  auto traffic = traffic_options_of(options);
  if (!traffic) return tl::unexpected<InputError>(traffic.error());
  const auto start_ms =
      start_ms_of(options, std::llround(options.duration * 1000), SystemClock().wall_ms());
  if (!start_ms) return tl::unexpected<InputError>(start_ms.error());
  Vehicle vehicle(*profile, options.seed, {*start_ms, !options.start.empty()}, *std::move(traffic));
  auto session = open_session(options, vehicle.identity());
  if (!session) return tl::unexpected<InputError>(session.error());
  if (session->truth != nullptr) {
    session->truth->place("home", vehicle.home());
    session->truth->place("work", vehicle.work());
  }
  return run_session(vehicle.messages(), *std::move(session), options);
}

Parsed<int> run_replay(const CarOptions& options) {
  auto profile = load_profile(options.profile);
  if (!profile) return tl::unexpected<InputError>(profile.error());
  auto traffic_options = traffic_options_of(options);
  if (!traffic_options) return tl::unexpected<InputError>(traffic_options.error());
  auto trips = read_trips(options.files);
  if (!trips) return tl::unexpected<InputError>(trips.error());
  if (options.keep_time && !options.start.empty()) {
    return input_error({}, 0, "--keep-time and --start exclude each other");
  }
  if (!options.keep_time) {
    const auto start_ms =
        start_ms_of(options, shifted_duration_ms(*trips), SystemClock().wall_ms());
    if (!start_ms) return tl::unexpected<InputError>(start_ms.error());
    shift_trips(*trips, *start_ms);
  }
  const CarIdentity identity = identity_of_seed(options.seed);
  auto session = open_session(options, identity);
  if (!session) return tl::unexpected<InputError>(session.error());
  // Trips of different weeks: their own times, but nobody waits for a week.
  if (options.keep_time) session->pace.pause_ms_max = kReplayPauseMsMax;
  ReplayTrips source(*std::move(trips));
  Traffic traffic(*std::move(profile), identity, source, *std::move(traffic_options),
                  Random(options.seed));
  return run_session(traffic, *std::move(session), options);
}

int report(const Parsed<int>& result) {
  if (result) return *result;
  std::fputs(result.error().to_string().c_str(), stderr);
  return 1;
}

}  // namespace

void add_vehicle_command(CLI::App& app, int& status) {
  auto options = std::make_shared<CarOptions>();
  CLI::App* command = app.add_subcommand("vehicle", "one simulated car into an in-vehicle broker");
  add_car_options(*command, *options);
  command->callback([options, &status] { status = report(run_vehicle(*options)); });
}

void add_replay_command(CLI::App& app, int& status) {
  auto options = std::make_shared<CarOptions>();
  CLI::App* command = app.add_subcommand(
      "replay", "recorded trips (enviroCar GeoJSON, GPX, CSV) as this car's traffic");
  add_car_options(*command, *options);
  command->add_option("files", options->files, "trips")->required()->type_name("FILE");
  command->add_flag("--keep-time", options->keep_time,
                    "the times as recorded; default: shifted to now");
  command->callback([options, &status] { status = report(run_replay(*options)); });
}

}  // namespace sudare::sim
