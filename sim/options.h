// The options that `vehicle` and `replay` share, and what follows from them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/error.h"
#include "sim/judge/judge.h"
#include "sim/mqtt/publisher.h"
#include "sim/run.h"
#include "sim/traffic/traffic.h"

namespace sudare::sim {

struct CarOptions {
  std::string local_broker;
  std::string ca, cert, key, username, password_file;
  std::string profile;
  std::string start;  // ISO 8601; empty: now
  std::string truth;
  std::string consent = "all";
  std::string codec = "protobuf";
  std::string clips;  // directory of the drive recorder; empty: events without clips
  std::string clip_format = "mp4";
  double speed = 1;
  double rate = 0;
  double duration = 0;
  std::uint64_t count = 0;
  std::uint64_t seed = 1;
  std::uint64_t size = 0;
  double malformed = 0;  // share of the messages
  int qos = 1;
  std::string receipts;  // a producer's name; empty: the broker's word is enough
  std::string receipt_topic = kReceiptTopic;
  bool json = false;
  // A unit on the bench.
  std::string cloud_broker;  // empty: nobody judges
  std::string cloud_ca, cloud_cert, cloud_key, cloud_username, cloud_password_file;
  std::vector<std::string> keys;
  std::string policy;
  std::vector<std::string> descriptor_sets;
  double settle = -1;  // seconds; below 0: what the policy lets a batch take
  bool shared_cloud = false;
  // replay only
  std::vector<std::string> files;
  bool keep_time = false;
};

void add_car_options(CLI::App& command, CarOptions& options);

[[nodiscard]] Parsed<MqttPeer> broker_of(const CarOptions& options);
// What judges the unit, where --cloud-broker is given.
[[nodiscard]] Parsed<JudgeOptions> judge_options_of(const CarOptions& options);
[[nodiscard]] PayloadCodec codec_of(const CarOptions& options);
[[nodiscard]] Parsed<TrafficOptions> traffic_options_of(const CarOptions& options);
[[nodiscard]] Pace pace_of(const CarOptions& options);

// The car's time at the first message. Without --start, `duration_ms` of car time is placed so
// that the last message goes out at its own time and none lies in the future; 0: unknown, now.
[[nodiscard]] Parsed<std::int64_t> start_ms_of(const CarOptions& options, std::int64_t duration_ms,
                                               std::int64_t now_ms);

}  // namespace sudare::sim
