#include "sim/options.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/limits.h"
#include "gateway/receipts/receipts.h"
#include "sim/trip/track_points.h"

namespace sudare::sim {

namespace {

// The purposes of deploy/policies/default.textproto.
const std::vector<std::string> kDefaultPurposes = {"traffic",           "diagnostics", "emergency",
                                                   "driving-diagnosis", "car-finder",  "ownership",
                                                   "recorder"};

Parsed<MqttPeer> peer_of(const std::string& prefix, const std::string& url) {
  const auto endpoint = parse_mqtt_url(url);
  if (!endpoint) {
    return input_error({}, 0,
                       "--" + prefix + "broker: " + std::string(endpoint.error().what.view()),
                       "mqtt://HOST:PORT, or mqtts://HOST:PORT with a CA certificate; a password "
                       "goes into a file");
  }
  MqttPeer peer;
  peer.endpoint = *endpoint;
  return peer;
}

void add_judge_options(CLI::App& command, CarOptions& options) {
  CLI::Option* cloud =
      command
          .add_option("--cloud-broker", options.cloud_broker,
                      "judge the unit between the brokers: receive here what it sends")
          ->type_name("URL");
  const auto add = [&](const std::string& name, auto& value, const std::string& text) {
    return command.add_option(name, value, text)->needs(cloud);
  };
  add("--cloud-ca", options.cloud_ca, "CA certificate of the cloud broker")->type_name("FILE");
  add("--cloud-cert", options.cloud_cert, "client certificate there")->type_name("FILE");
  add("--cloud-key", options.cloud_key, "its private key")->type_name("FILE");
  add("--cloud-username", options.cloud_username, "user there");
  add("--cloud-password-file", options.cloud_password_file, "its password: first line")
      ->type_name("FILE");
  add("-i,--identity", options.keys, "private key of a purpose's recipient; again for more")
      ->type_name("KEYFILE")
      ->allow_extra_args(false);
  add("--policy", options.policy, "the policy that the unit runs")->type_name("FILE");
  add("--descriptor-set", options.descriptor_sets, "a fleet's own messages")
      ->type_name("FILE")
      ->allow_extra_args(false);
  add("--settle", options.settle,
      "seconds to wait for the last batches; default: as long as the policy lets them take")
      ->check(CLI::NonNegativeNumber);
  command
      .add_flag("--shared-cloud", options.shared_cloud,
                "other units send to the cloud broker: leave theirs out")
      ->needs(cloud);
}

void add_certainty_options(CLI::App& command, CarOptions& options) {
  CLI::Option* const qos = command.add_option("--qos", options.qos, "0 or 1")
                               ->check(CLI::Range(0, 1))
                               ->capture_default_str();
  CLI::Option* const receipts =
      command
          .add_option("--receipts", options.receipts,
                      "numbers the messages as this producer, and keeps each until the gateway's "
                      "receipt, not the broker's acknowledgement")
          ->check([](const std::string& name) {
            return is_producer_name(name) ? std::string() : "not a producer's name: " + name;
          })
          ->excludes(qos)
          ->type_name("NAME");
  command.add_option("--receipt-topic", options.receipt_topic, "the gateway's receipt_topic")
      ->needs(receipts)
      ->capture_default_str();
}

}  // namespace

void add_car_options(CLI::App& command, CarOptions& options) {
  command
      .add_option("--local-broker", options.local_broker,
                  "in-vehicle broker: mqtt://HOST:PORT or mqtts://HOST:PORT")
      ->required()
      ->type_name("URL");
  command.add_option("--ca", options.ca, "CA certificate of the broker (mqtts)")->type_name("FILE");
  command.add_option("--cert", options.cert, "client certificate")->type_name("FILE");
  command.add_option("--key", options.key, "its private key")->type_name("FILE");
  command.add_option("--username", options.username, "user at the broker");
  command.add_option("--password-file", options.password_file, "its password: first line")
      ->type_name("FILE");
  command.add_option("--profile", options.profile, "profile; default: the built-in one")
      ->type_name("FILE");
  command.add_option("--seed", options.seed, "same seed, same messages")->capture_default_str();
  command.add_option("--start", options.start, "time of the first message, ISO 8601; default: now")
      ->type_name("TIME");
  command.add_option("--speed", options.speed, "car seconds per second; 0: as fast as possible")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--rate", options.rate, "messages per second, in place of --speed")
      ->check(CLI::PositiveNumber);
  command.add_option("--count", options.count, "stop after so many messages")
      ->check(CLI::PositiveNumber);
  command.add_option("--duration", options.duration, "stop after so many seconds of car time")
      ->check(CLI::PositiveNumber);
  add_certainty_options(command, options);
  command.add_option("--size", options.size, "fill payloads up to so many bytes")
      ->check(CLI::Range(std::size_t{0}, kPayloadBytesMax));
  command.add_option("--codec", options.codec, "protobuf or json")
      ->check(CLI::IsMember({"protobuf", "json"}))
      ->capture_default_str();
  command
      .add_option("--clips", options.clips,
                  "make the clip of every drive-recorder event, with ffmpeg, in this directory")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command.add_option("--clip-format", options.clip_format, "mp4, ts or avi")
      ->check(CLI::IsMember({"mp4", "ts", "avi"}))
      ->capture_default_str();
  command
      .add_option("--consent", options.consent,
                  "purposes the driver grants: all (of the default policy), none, or a,b,c")
      ->capture_default_str()
      ->type_name("LIST");
  command
      .add_option("--truth", options.truth,
                  "write what was planted, sent and acknowledged: sensitive")
      ->type_name("FILE");
  command
      .add_option("--malformed", options.malformed,
                  "share of the messages that are damaged, 0 to 1: a unit must refuse them")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  add_judge_options(command, options);
  command.add_flag("--json", options.json, "the summary as JSON");
}

Parsed<MqttPeer> broker_of(const CarOptions& options) {
  auto peer = peer_of("local-", options.local_broker);
  if (!peer) return peer;
  peer->ca_file = options.ca;
  peer->cert_file = options.cert;
  peer->key_file = options.key;
  peer->username = options.username;
  peer->password_file = options.password_file;
  return peer;
}

Parsed<JudgeOptions> judge_options_of(const CarOptions& options) {
  auto peer = peer_of("cloud-", options.cloud_broker);
  if (!peer) return tl::unexpected<InputError>(peer.error());
  if (peer->endpoint.tls && options.cloud_ca.empty()) {
    return input_error({}, 0, "mqtts needs a CA certificate", "pass --cloud-ca FILE");
  }
  peer->ca_file = options.cloud_ca;
  peer->cert_file = options.cloud_cert;
  peer->key_file = options.cloud_key;
  peer->username = options.cloud_username;
  peer->password_file = options.cloud_password_file;
  return JudgeOptions{*peer,          options.keys,        options.policy, options.descriptor_sets,
                      options.settle, options.shared_cloud};
}

PayloadCodec codec_of(const CarOptions& options) {
  return options.codec == "json" ? PayloadCodec::kJson : PayloadCodec::kProtobuf;
}

Parsed<TrafficOptions> traffic_options_of(const CarOptions& options) {
  TrafficOptions result;
  result.codec = codec_of(options);
  result.bytes_least = static_cast<std::size_t>(options.size);
  result.clip_extension = options.clip_format;
  for (char& c : result.clip_extension) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (options.consent == "all") result.consents = kDefaultPurposes;
  if (options.consent == "all" || options.consent == "none") return result;
  std::istringstream list(options.consent);
  for (std::string purpose; std::getline(list, purpose, ',');) {
    const bool valid =
        !purpose.empty() && purpose.size() <= 32 &&
        purpose.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!valid) {
      return input_error({}, 0, "--consent: no name of a purpose: \"" + purpose + "\"",
                         "names are a-z, 0-9 and -, separated by commas");
    }
    result.consents.push_back(purpose);
  }
  return result;
}

Pace pace_of(const CarOptions& options) {
  Pace pace;
  pace.speed = options.speed;
  pace.messages_per_second = options.rate;
  if (options.count > 0) pace.count_max = options.count;
  if (options.duration > 0) pace.duration_seconds = options.duration;
  return pace;
}

Parsed<std::int64_t> start_ms_of(const CarOptions& options, std::int64_t duration_ms,
                                 std::int64_t now_ms) {
  if (!options.start.empty()) {
    const auto start_ms = parse_time(options.start);
    if (start_ms) return *start_ms;
    return input_error({}, 0, "--start: no time: \"" + options.start + "\"",
                       "for example 2026-11-22T06:30:00+09:00");
  }
  const bool paced = options.rate <= 0 && options.speed > 0;
  const double took_ms = paced ? static_cast<double>(duration_ms) / options.speed : 0;
  return now_ms - std::max<std::int64_t>(0, duration_ms - std::llround(took_ms));
}

}  // namespace sudare::sim
