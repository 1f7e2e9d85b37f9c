// `sudare-sim bench`.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "crypto/crypto_init.h"
#include "crypto/open/key_file.h"
#include "fleet/cli/broker_options.h"
#include "sim/bench/bench.h"
#include "sim/bench/report_json.h"
#include "sim/bench/report_page.h"
#include "sim/bench/table.h"
#include "sim/commands.h"
#include "sim/process/local.h"

namespace sudare::sim {

namespace {

constexpr std::uint64_t kQuickReadings = 5000;
constexpr int kQuickRounds = 1;
constexpr const char* kExamples =
    "Exit 0: measured, and everything was delivered. 3: a round was void or something was lost. A "
    "goal of performance that is missed is shown and is no failure.\n\n"
    "  sudare-sim bench --only throughput --rounds 5\n"
    "  sudare-sim bench --local-broker mqtt://10.0.0.2 --cloud-broker mqtts://broker:8883 "
    "--cloud-ca ca.crt -i readings.key";

struct Options {
  bench::BenchOptions bench;
  std::string codec = "json";
  cli::BrokerOptions local;
  cli::BrokerOptions cloud;
  std::vector<std::string> key_files;
  std::filesystem::path deploy = "deploy";
  bool json = false;
};

Parsed<MqttPeer> peer_of(const cli::BrokerOptions& options, const std::string& name) {
  auto peer = cli::broker_peer(options);
  if (!peer) {
    return input_error({}, 0, name + ": " + std::string(peer.error().what.view()),
                       "mqtt://HOST:PORT, or mqtts://HOST:PORT with a CA; a password goes into its "
                       "file");
  }
  return *peer;
}

// The keys may be of either purpose: each opens what is its own.
Parsed<bench::Keys> keys_of(const std::vector<std::string>& files) {
  bench::Keys keys;
  for (const std::string& file : files) {
    for (const char* purpose : {"readings", "emergency"}) {
      auto read = age::open_side::read_key_file(file);
      if (!read) return input_error(file, 0, "is no key file", "sudare key new writes one");
      for (auto& identity : *read) keys[purpose].push_back(std::move(identity));
    }
  }
  return keys;
}

Parsed<Done> take_unit(Options& options) {
  if (options.local.url.empty() && options.cloud.url.empty()) return Done{};
  if (options.local.url.empty() || options.cloud.url.empty()) {
    return input_error({}, 0, "--local-broker and --cloud-broker belong together");
  }
  auto local = peer_of(options.local, "--local-broker");
  if (!local) return tl::unexpected<InputError>(local.error());
  auto cloud = peer_of(options.cloud, "--cloud-broker");
  if (!cloud) return tl::unexpected<InputError>(cloud.error());
  auto keys = keys_of(options.key_files);
  if (!keys) return tl::unexpected<InputError>(keys.error());
  options.bench.unit = bench::UnitOnBench{*std::move(local), *std::move(cloud), *std::move(keys)};
  return Done{};
}

Parsed<bench::Report> measure(Options& options) {
  if (auto done = take_unit(options); !done) return tl::unexpected<InputError>(done.error());
  if (!crypto_init()) return input_error({}, 0, "libsodium does not start");
  std::error_code error;
  std::filesystem::create_directories(options.bench.parts.directory, error);
  if (error) return input_error(options.bench.parts.directory, 0, error.message());
  const bool terminal = isatty(STDERR_FILENO) == 1;
  auto report = bench::run_bench(options.bench, [&](const std::string& doing) {
    if (terminal) std::fprintf(stderr, "\r%-78s", doing.c_str());
  });
  if (terminal) std::fprintf(stderr, "\r%-78s\r", "");
  return report;
}

Parsed<int> run(Options& options) {
  auto report = measure(options);
  if (!report) return tl::unexpected<InputError>(report.error());
  const std::filesystem::path directory = options.bench.parts.directory;
  const std::string json = json_of(*report);
  if (auto done = write_text(directory / "report.json", json); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  if (auto done = write_text(directory / "report.html", html_of(*report)); !done) {
    return tl::unexpected<InputError>(done.error());
  }
  std::fputs(options.json ? json.c_str() : table_of(*report).c_str(), stdout);
  if (!options.json) std::printf("\n%s\n", (directory / "report.html").c_str());
  return findings(*report).empty() ? 0 : 3;
}

void add_broker(CLI::App& command, const std::string& prefix, const char* what,
                cli::BrokerOptions& broker) {
  const std::string group = std::string("A unit on the bench: ") + what;
  const std::string before = prefix.empty() ? "--" : "--" + prefix + "-";
  const auto add = [&](const std::string& name, std::string& value, const char* help) {
    command.add_option(name, value, help)->group(group);
  };
  add(prefix.empty() ? "--local-broker" : "--cloud-broker", broker.url,
      "mqtt://HOST:PORT or mqtts://HOST:PORT; only throughput and latency are measured");
  add(before + "ca", broker.ca_file, "CA certificate (mqtts)");
  add(before + "cert", broker.cert_file, "client certificate");
  add(before + "key", broker.key_file, "its private key");
  add(before + "username", broker.username, "user at the broker");
  add(before + "password-file", broker.password_file, "its password: first line");
}

void add_options(CLI::App& command, Options& options) {
  bench::BenchOptions& bench = options.bench;
  command.add_option("--only", bench.only, "parts, separated by commas; soak is run only if named")
      ->delimiter(',')
      ->check(CLI::IsMember(bench::part_names()));
  command.add_option("--rounds", bench.rounds, "of bridge and gateway in turn, at saturation")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--readings,--count", bench.readings, "in a round")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command.add_option("--codec", options.codec, "json (200 bytes) or protobuf (55)")
      ->check(CLI::IsMember({"json", "protobuf"}))
      ->capture_default_str();
  command.add_option("--rate", bench.rates, "readings per second at which latency is measured")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command.add_option("--seed", bench.seed, "another car")->capture_default_str();
  command.add_flag("--quick", bench.quick,
                   "a minute, to see that everything works; no measurement");
  command
      .add_option("--policy", bench.parts.policy, "for the gateway: purposes readings, emergency")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command.add_option("--deploy", options.deploy, "holds policies/bench and policies/default")
      ->type_name("DIR")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  command
      .add_option("--directory", bench.parts.directory, "on the disk to measure; for the report")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--programs", bench.parts.programs, "holds sudare and sudare-gateway")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command.add_flag("--json", options.json, "the report as JSON");
  command
      .add_option("-i,--identity", options.key_files, "private keys, to open what a unit sealed")
      ->type_name("KEYFILE")
      ->check(CLI::ExistingFile);
  add_broker(command, "", "in-vehicle broker", options.local);
  add_broker(command, "cloud", "cloud broker", options.cloud);
  command.footer(kExamples);
}

}  // namespace

void add_bench_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  bench::Parts& parts = options->bench.parts;
  parts.programs = program_directory();
  parts.directory = "build/bench";
  CLI::App* command = app.add_subcommand(
      "bench", "throughput, latency, bytes, memory and delivery, beside a Mosquitto bridge");
  add_options(*command, *options);
  command->callback([options, command, &status] {
    bench::BenchOptions& bench = options->bench;
    bench.codec = options->codec == "json" ? PayloadCodec::kJson : PayloadCodec::kProtobuf;
    bench.parts.programs = std::filesystem::absolute(bench.parts.programs);
    bench.parts.default_policy = options->deploy / "policies/default.textproto";
    if (bench.parts.policy.empty()) {
      bench.parts.policy = options->deploy / "policies/bench.textproto";
    }
    bench.parts.slow_sync = bench.parts.programs.parent_path() / "bench/slow_sync.so";
    if (bench.quick && command->count("--readings") == 0) bench.readings = kQuickReadings;
    if (bench.quick && command->count("--rounds") == 0) bench.rounds = kQuickRounds;
    auto result = run(*options);
    if (!result) std::fputs(result.error().to_string().c_str(), stderr);
    status = result ? *result : 1;
  });
}

}  // namespace sudare::sim
