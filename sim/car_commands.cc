// `sudare-sim vehicle` and `sudare-sim replay`: a car's messages into an in-vehicle broker, and,
// with a cloud broker, what the unit between the two made of them.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "fleet/cli/console.h"
#include "sim/car/vehicle.h"
#include "sim/clips/clip_source.h"
#include "sim/commands.h"
#include "sim/judge/judge.h"
#include "sim/options.h"
#include "sim/profile.h"
#include "sim/traffic/malformed.h"
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

// `judgement` may be null.
void print_summary(const RunSummary& summary, const Judgement* judgement, bool json) {
  if (json) {
    nlohmann::json out{{"sent", summary.sent},
                       {"acknowledged", summary.acknowledged},
                       {"payload_bytes", summary.payload_bytes},
                       {"positions", summary.positions},
                       {"car_ms", summary.car_ms},
                       {"took_ms", summary.took_ms},
                       {"reconnects", summary.reconnects},
                       {"resent", summary.resent},
                       {"stopped", summary.stopped}};
    if (judgement != nullptr) out["unit"] = judgement_json(*judgement);
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%llu messages (%llu bytes, %llu positions) sent, %llu acknowledged, in %.1f s\n",
              static_cast<unsigned long long>(summary.sent),
              static_cast<unsigned long long>(summary.payload_bytes),
              static_cast<unsigned long long>(summary.positions),
              static_cast<unsigned long long>(summary.acknowledged),
              static_cast<double>(summary.took_ms) / 1000);
  if (judgement != nullptr) print_judgement(*judgement);
}

// What a run needs beside its messages.
struct Session {
  PublisherOptions publisher;
  Pace pace;
  std::string truth_file;  // empty: none
  std::unique_ptr<TruthWriter> truth;
  std::unique_ptr<Judge> judge;  // null: nobody judges
};

// A judge needs the ground truth, but a file of it is for testers who ask for one.
Parsed<std::string> truth_file_of(const CarOptions& options) {
  if (!options.truth.empty() || options.cloud_broker.empty()) return options.truth;
  // Open until the program ends.
  const int fd = memfd_create("truth", MFD_CLOEXEC);
  if (fd < 0) return input_error({}, 0, "no memory for the ground truth", "pass --truth FILE");
  return "/proc/self/fd/" + std::to_string(fd);
}

Parsed<Session> open_session(const CarOptions& options, const CarIdentity& identity) {
  auto broker = broker_of(options);
  if (!broker) return tl::unexpected<InputError>(broker.error());
  auto truth_file = truth_file_of(options);
  if (!truth_file) return tl::unexpected<InputError>(truth_file.error());
  Session session{{*broker, options.qos, options.receipts, options.receipt_topic},
                  pace_of(options),
                  *truth_file,
                  nullptr,
                  nullptr};
  if (!options.cloud_broker.empty()) {
    const auto judging = judge_options_of(options);
    if (!judging) return tl::unexpected<InputError>(judging.error());
    auto judge = Judge::start(*judging);
    if (!judge) return tl::unexpected<InputError>(judge.error());
    session.judge = *std::move(judge);
  }
  if (session.truth_file.empty()) return session;
  auto truth = TruthWriter::create(session.truth_file);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  session.truth = *std::move(truth);
  for (const Planted& planted : planted_identifiers(identity)) session.truth->planted(planted);
  return session;
}

Parsed<Judgement> judge_run(Session& session) {
  const auto truth = read_truth(session.truth_file);
  if (!truth) return tl::unexpected<InputError>(truth.error());
  cli::Progress progress;
  return session.judge->finish(*truth, [&](std::int64_t left_ms) {
    progress.show("waiting for the unit's last batches, at most " + std::to_string(left_ms / 1000) +
                  " s more");
  });
}

// Every message that was sent and not acknowledged is a loss: exit 3, as for what the judge finds.
Parsed<int> run_messages(MessageSource& messages, Session session, const CarOptions& options) {
  std::unique_ptr<Progress> progress;
  if (isatty(STDERR_FILENO) != 0) progress = std::make_unique<TerminalProgress>();
  if (session.judge != nullptr) session.judge->begin();
  auto summary =
      run(messages, session.publisher, session.pace, session.truth.get(), progress.get());
  progress.reset();
  if (!summary) return tl::unexpected<InputError>(summary.error());
  if (session.truth != nullptr && !session.truth->close()) {
    return input_error(session.truth_file, 0, "not everything could be written",
                       "is the disk full?");
  }
  std::optional<Judgement> judgement;
  if (session.judge != nullptr) {
    auto judged = judge_run(session);
    if (!judged) return tl::unexpected<InputError>(judged.error());
    judgement = *std::move(judged);
  }
  print_summary(*summary, judgement ? &*judgement : nullptr, options.json);
  const bool clean = !judgement || judgement->clean();
  return summary->acknowledged == summary->sent && clean ? 0 : 3;
}

// Damage comes last: a clip is made of the event as it was.
Parsed<int> run_damaged(MessageSource& messages, Session session, const CarOptions& options) {
  if (options.malformed <= 0) return run_messages(messages, std::move(session), options);
  MalformedSource damaged(messages, options.malformed, codec_of(options), options.seed);
  return run_messages(damaged, std::move(session), options);
}

// A clip that could not be made is a failure: exit 1.
Parsed<int> run_session(MessageSource& messages, Session session, const CarOptions& options) {
  if (options.clips.empty()) return run_damaged(messages, std::move(session), options);
  ClipSource with_clips(messages, options.clips, codec_of(options));
  auto result = run_damaged(with_clips, std::move(session), options);
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
