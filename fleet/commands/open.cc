// `sudare open`: the receiving side. Opens batches from files or from the cloud broker, verifies,
// drops duplicates, writes NDJSON, and says what is missing.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fleet/cli/broker_options.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/commands.h"
#include "fleet/open/open_mqtt.h"
#include "fleet/open/receiver.h"
#include "fleet/open/record_lines.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct OpenOptions {
  std::string key_file;
  std::string purpose;
  std::vector<std::string> files;
  std::string directory;
  std::string report_file;
  std::string client_id;
  std::int64_t idle_seconds = 0;
  Unsigned without = Unsigned::kRefused;
  cli::BrokerOptions broker;
};

// Where records go: stdout, or DIR/<purpose>.ndjson.
class Output {
 public:
  bool open(const OpenOptions& options, const std::string& purpose) {
    if (options.directory.empty()) return true;
    std::error_code error;
    fs::create_directories(options.directory, error);
    file_.open(fs::path(options.directory) / (purpose + ".ndjson"), std::ios::app);
    stream_ = &file_;
    return file_.good();
  }
  void write(const std::string& lines) { *stream_ << lines; }
  Status flush() {
    stream_->flush();
    if (!stream_->good()) return fail(ErrorCode::kIo, "output: write", errno);
    return Done{};
  }

 private:
  std::ofstream file_;
  std::ostream* stream_ = &std::cout;
};

class Opening {
 public:
  Opening(const OpenOptions& options, const cli::KeyFile& keys, std::string purpose)
      : options_(options), keys_(keys), purpose_(std::move(purpose)) {}

  int run() {
    if (!output_.open(options_, purpose_)) {
      return cli::report(options_.directory + ": can't be written", "is it a directory of yours?");
    }
    cli::stop_on_signals();
    const int done = options_.broker.url.empty() ? from_files() : from_broker();
    progress_.clear();
    if (!write_report() || done != cli::kExitOk) return cli::kExitFailure;
    summarize();
    return receiver_.clean() ? cli::kExitOk : cli::kExitFindings;
  }

 private:
  void take(const std::string& where, std::string_view file) {
    const Result<VerifiedBatch> batch =
        open_batch(keys_.identities, purpose_, options_.without, bytes_of(file));
    if (!batch) {
      receiver_.take_failure(batch.error());
      progress_.clear();
      cli::report(where, batch.error());
      return;
    }
    if (receiver_.take(*batch) == Arrival::kDuplicate) return;
    lines_.clear();
    append_record_lines(*batch, lines_);
    output_.write(lines_);
    progress_.show(std::to_string(receiver_.counts().batches) + " batches, " +
                   std::to_string(receiver_.counts().records) + " records");
  }

  int from_files() {
    for (const std::string& name : options_.files) {
      if (cli::stopped()) break;
      if (!fs::is_directory(name)) {
        take_file(name);
        continue;
      }
      std::vector<std::string> found;
      for (const auto& entry : fs::recursive_directory_iterator(name)) {
        if (entry.is_regular_file()) found.push_back(entry.path().string());
      }
      std::sort(found.begin(), found.end());
      for (const std::string& file : found) {
        if (!cli::stopped()) take_file(file);
      }
    }
    const Status flushed = output_.flush();
    return flushed ? cli::kExitOk : cli::report("output", flushed.error(), "is the disk full?");
  }

  void take_file(const std::string& name) {
    const Result<std::string> file = cli::read_file(name, cli::kSealedFileBytesMax);
    if (file) {
      take(name, *file);
    } else {
      receiver_.take_failure(file.error());
      cli::report(name, file.error());
    }
  }

  int from_broker() {
    const Result<MqttPeer> peer = cli::broker_peer(options_.broker);
    if (!peer) {
      cli::report(options_.broker.url, peer.error(), "mqtts://HOST:PORT with --ca --cert --key");
      return cli::kExitFailure;
    }
    constexpr std::int64_t kMsPerSecond = 1000;
    const OpenMqttOptions mqtt{*peer, purpose_, options_.client_id,
                               options_.idle_seconds * kMsPerSecond};
    OpenMqttEvents events;
    events.batch = [this](std::string_view payload) { take("batch", payload); };
    events.flush = [this] { return output_.flush(); };
    events.stop = [] { return cli::stopped(); };
    events.connected = [this](bool connected) {
      progress_.clear();
      std::cerr << (connected ? "connected, waiting for batches of "
                              : "connection lost; trying again for ")
                << purpose_ << "\n";
    };
    const Status ended = open_mqtt(mqtt, events);
    if (ended) return cli::kExitOk;
    return cli::report("cloud broker", ended.error(),
                       "check address, certificate, and the broker's access control for sudare/1/" +
                           purpose_ + "/#");
  }

  [[nodiscard]] Json counts() const {
    const ReceiverCounts& counts = receiver_.counts();
    Json out;
    out["purpose"] = purpose_;
    out["files"] = counts.files;
    out["batches"] = counts.batches;
    out["records"] = counts.records;
    out["duplicates"] = counts.duplicates;
    out["forks"] = counts.forks;
    out["verified"] = {{"member", counts.verified_member},
                       {"self", counts.verified_self},
                       {"none", counts.verified_none}};
    out["reported_missing"] = {{"evicted", counts.evicted},
                               {"expired", counts.expired},
                               {"quarantined", counts.quarantined},
                               {"withdrawn", counts.withdrawn}};
    out["unfollowed"] = counts.unfollowed;
    out["failed"] = counts.failed;
    out["failures"] = counts.failures;
    out["gaps"] = Json::array();
    for (const Gap& gap : receiver_.gaps()) {
      out["gaps"].push_back({{"pseudonym", cli::hex(gap.pseudonym)},
                             {"first_record", gap.first},
                             {"record_count", gap.count}});
    }
    return out;
  }

  bool write_report() {
    if (options_.report_file.empty()) return true;
    constexpr unsigned kOwnerOnly = 0600;
    const Status written =
        cli::write_file(options_.report_file, counts().dump(2) + "\n", kOwnerOnly);
    if (!written) cli::report(options_.report_file, written.error());
    return written.has_value();
  }

  void summarize() {
    const ReceiverCounts& counts = receiver_.counts();
    std::cerr << purpose_ << ": " << counts.batches << " batches, " << counts.records
              << " records; " << counts.duplicates << " duplicates, " << counts.forks << " forks, "
              << receiver_.gaps().size() << " gaps, " << counts.failed << " not opened\n";
    if (counts.forks > 0) {
      cli::report("records of one pseudonym came twice with different content",
                  "a restored backup or a cloned unit; both are kept in the output");
    }
    for (const Gap& gap : receiver_.gaps()) {
      cli::report("records " + std::to_string(gap.first) + " to " +
                      std::to_string(gap.first + gap.count - 1) + " of pseudonym " +
                      cli::hex(gap.pseudonym) + " are missing",
                  "they may still be on their way, or the cloud lost them");
    }
  }

  const OpenOptions& options_;
  const cli::KeyFile& keys_;
  std::string purpose_;
  Output output_;
  Receiver receiver_;
  cli::Progress progress_;
  std::string lines_;
};

int run(const OpenOptions& options) {
  const Result<cli::KeyFile> keys = cli::read_keys(options.key_file);
  if (!keys) {
    return cli::report(options.key_file, keys.error(),
                       "a key file is what `sudare key new` or age-keygen writes");
  }
  const std::string purpose = options.purpose.empty() ? keys->purpose : options.purpose;
  if (purpose.empty()) {
    cli::report("which purpose is this key for?",
                "--purpose NAME, or a line \"# purpose: NAME\" in the key file");
    return cli::kExitUsage;
  }
  if (!cli::is_purpose_name(purpose)) {
    cli::report("not a purpose's name: " + purpose, "1 to 32 of a-z, 0-9 and -");
    return cli::kExitUsage;
  }
  if (options.files.empty() == options.broker.url.empty()) {
    cli::report("open takes either files or --mqtt", "sudare open --help");
    return cli::kExitUsage;
  }
  return Opening(options, *keys, purpose).run();
}

}  // namespace

void add_open(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<OpenOptions>();
  CLI::App* open = app.add_subcommand(
      "open", "open and verify batches, from files or the cloud broker, as NDJSON");
  open->add_option("-i,--identity", options->key_file, "key file of this recipient")->required();
  open->add_option("--purpose", options->purpose, "where the key file does not name it");
  open->add_option("FILE", options->files, "age files, or directories of them; - is stdin");
  open->add_option("-o,--output", options->directory, "append to DIR/<purpose>.ndjson, not stdout")
      ->type_name("DIR");
  open->add_option("--report", options->report_file, "write counts and gaps to FILE as JSON");
  open->add_flag_callback(
      "--unsigned", [options] { options->without = Unsigned::kTaken; },
      "take batches without signature: for a purpose with `pseudonym { none {} }`");
  cli::add_broker_options(*open, "--mqtt", options->broker);
  open->add_option("--client-id", options->client_id,
                   "name at the broker; it then keeps what is missed for a week");
  open->add_option("--idle-seconds", options->idle_seconds,
                   "end after so long without a batch; default: run until stopped")
      ->check(CLI::NonNegativeNumber);
  open->footer(
      "Exit 3: a batch did not open or verify, records are missing, or two senders used one "
      "pseudonym.\n");
  open->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
