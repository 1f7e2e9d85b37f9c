// `sudare open`: the receiving side. Opens batches from files or from the cloud broker, verifies,
// drops duplicates, writes NDJSON, and says what is missing.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/cli/broker_options.h"
#include "fleet/cli/console.h"
#include "fleet/cli/keys.h"
#include "fleet/cli/output_option.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/authority_files.h"
#include "fleet/commands/commands.h"
#include "fleet/commands/days.h"
#include "fleet/commands/open_report.h"
#include "fleet/open/clip_output.h"
#include "fleet/open/open_mqtt.h"
#include "fleet/open/received_log.h"
#include "fleet/open/receiver.h"
#include "fleet/open/record_lines.h"
#include "fleet/open/record_output.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;

struct OpenOptions {
  std::string key_file;
  std::string purpose;
  std::vector<std::string> files;
  std::string directory;
  std::string report_file;
  std::string client_id;
  std::int64_t idle_seconds = 0;
  Unsigned without = Unsigned::kRefused;
  std::vector<std::string> members;
  std::vector<std::string> orders;
  std::vector<std::string> authorities;
  bool members_only = false;
  cli::BrokerOptions broker;
};

// What the relink authority has told this recipient.
struct AuthorityWord {
  MemberLists members;
  ErasureOrders orders;
};

// Nothing, with `exit_code` set and said on stderr, where something of it can't be used.
std::optional<AuthorityWord> read_word(const OpenOptions& options, const std::string& purpose,
                                       int& exit_code) {
  exit_code = cli::kExitUsage;
  if (!(options.members.empty() && options.orders.empty()) && options.authorities.empty()) {
    cli::report("--members and --forget take --authority PUBKEY",
                "without the public key of who signed it a list says nothing");
    return std::nullopt;
  }
  if (options.members_only && (options.members.empty() || options.without == Unsigned::kTaken)) {
    cli::report("--require member takes --members, and a purpose with a pseudonym",
                "sudare open --help");
    return std::nullopt;
  }
  const auto authorities = authority_keys(options.authorities);
  if (!authorities) return std::nullopt;
  exit_code = cli::kExitFailure;
  auto members = read_member_lists(options.members, *authorities, purpose);
  if (!members) return std::nullopt;
  const auto orders = read_erasure_orders(options.orders, *authorities, purpose);
  if (!orders) return std::nullopt;
  AuthorityWord word{std::move(*members), {}};
  for (const ErasureOrder& order : *orders) {
    const Status added = word.orders.add(order, purpose);
    if (added) continue;
    cli::report("--forget", added.error());
    return std::nullopt;
  }
  return word;
}

class Opening {
 public:
  Opening(const OpenOptions& options, const cli::KeyFile& keys, std::string purpose,
          AuthorityWord word)
      : options_(options), keys_(keys), purpose_(std::move(purpose)), word_(std::move(word)) {}

  int run() {
    const Status output = output_.open(options_.directory, purpose_);
    if (!output) {
      return cli::report(options_.directory, output.error(),
                         output.error().code == ErrorCode::kRefused
                             ? "`sudare forget --apply` rewrites it; try again when it has ended"
                             : "is it a directory of yours?");
    }
    clips_.open(options_.directory, purpose_);
    if (output_.held() != nullptr) {
      const Status read = received_.open(options_.directory, *output_.held(), purpose_, receiver_);
      if (!read)
        return cli::report(options_.directory, read.error(), "is it a directory of yours?");
    }
    cli::stop_on_signals();
    const int done = options_.broker.url.empty() ? from_files() : from_broker();
    progress_.clear();
    const Result<std::vector<IncompleteClip>> incomplete = clips_.incomplete();
    if (!incomplete) return cli::report(options_.directory, incomplete.error());
    const OpenedClips clips{clips_.counts(), *incomplete};
    if (!write_report(clips) || done != cli::kExitOk) return cli::kExitFailure;
    tell_summary(purpose_, receiver_, forgotten_);
    tell_clips(clips);
    return receiver_.clean() && clean(clips) ? cli::kExitOk : cli::kExitFindings;
  }

 private:
  void take(const std::string& where, std::string_view file) {
    const Result<VerifiedBatch> batch = open_checked(file);
    if (!batch) {
      receiver_.take_failure(batch.error());
      progress_.clear();
      cli::report(where, batch.error());
      return;
    }
    if (receiver_.take(*batch) == Arrival::kDuplicate) return;
    lines_.clear();
    if (batch->batch.chunks_size() > 0) return take_chunks(where, *batch);
    forgotten_ += append_record_lines(
        *batch,
        [&](const v1::Record& record) {
          return !word_.orders.names(batch->batch.pseudonym(), record.time_ms());
        },
        lines_);
    output_.write(lines_);
    received_.add(*batch);
    show();
  }

  void take_chunks(const std::string& where, const VerifiedBatch& batch) {
    if (word_.orders.names(batch.batch.pseudonym())) {
      forgotten_ += static_cast<std::uint64_t>(batch.batch.chunks_size());
      received_.add(batch);
      return;
    }
    const Status stored = clips_.take(batch, lines_);
    if (!stored) {
      receiver_.take_failure(stored.error());
      progress_.clear();
      cli::report(where, stored.error(), "-o DIR, on a disk with room for whole clips");
      return;
    }
    output_.write(lines_);
    received_.add(batch);
    show();
  }

  // The records first: what is in the log is not written again.
  Status flush() {
    TRY(output_.flush());
    return received_.flush();
  }

  void show() {
    progress_.show(std::to_string(receiver_.counts().batches) + " batches, " +
                   std::to_string(receiver_.counts().records) + " records, " +
                   std::to_string(clips_.counts().complete) + " clips");
  }

  Result<VerifiedBatch> open_checked(std::string_view file) {
    TRY(VerifiedBatch batch,
        open_batch(keys_.identities, purpose_, options_.without, bytes_of(file)));
    if (batch.verified == Verified::kSelf &&
        word_.members.contains(static_cast<std::uint16_t>(batch.batch.epoch_days()),
                               batch.batch.epoch(), batch.batch.pseudonym(), today())) {
      batch.verified = Verified::kMember;
    }
    if (options_.members_only && batch.verified != Verified::kMember) {
      return fail(ErrorCode::kRefused, "batch: its pseudonym is on no member list");
    }
    return batch;
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
    const Status flushed = flush();
    return flushed ? cli::kExitOk : cli::report("output", flushed.error(), "is the disk full?");
  }

  void take_file(const std::string& name) {
    if (received_.full()) (void)flush();  // a failure shows at the end
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
      cli::report("--mqtt", peer.error(), cli::kBrokerHint);
      return cli::kExitFailure;
    }
    constexpr std::int64_t kMsPerSecond = 1000;
    const OpenMqttOptions mqtt{*peer, purpose_, options_.client_id,
                               options_.idle_seconds * kMsPerSecond};
    OpenMqttEvents events;
    events.batch = [this](std::string_view payload) { take("batch", payload); };
    events.flush = [this] { return flush(); };
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

  bool write_report(const OpenedClips& clips) {
    if (options_.report_file.empty()) return true;
    constexpr unsigned kOwnerOnly = 0600;
    const std::string report = open_report(purpose_, receiver_, forgotten_, clips).dump(2) + "\n";
    const Status written = cli::write_file(options_.report_file, report, kOwnerOnly);
    if (!written) cli::report(options_.report_file, written.error());
    return written.has_value();
  }

  const OpenOptions& options_;
  const cli::KeyFile& keys_;
  std::string purpose_;
  AuthorityWord word_;
  RecordOutput output_;
  ClipOutput clips_;
  ReceivedLog received_;
  Receiver receiver_;
  std::uint64_t forgotten_ = 0;  // records that an erasure order names
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
  int exit_code = cli::kExitOk;
  std::optional<AuthorityWord> word = read_word(options, purpose, exit_code);
  if (!word) return exit_code;
  return Opening(options, *keys, purpose, std::move(*word)).run();
}

}  // namespace

void add_open(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<OpenOptions>();
  CLI::App* open = app.add_subcommand(
      "open", "open and verify batches, from files or the cloud broker, as NDJSON");
  open->add_option("-i,--identity", options->key_file, "key file of this recipient")->required();
  open->add_option("--purpose", options->purpose, "where the key file does not name it");
  open->add_option("FILE", options->files, "age files, or directories of them; - is stdin");
  open->add_option("-o,--output", options->directory,
                   "append to DIR/<purpose>.ndjson, not stdout; clips go to DIR/<purpose>.clips/")
      ->check(cli::refuse_standard_output)
      ->type_name("DIR");
  open->add_option("--report", options->report_file, "write counts and gaps to FILE as JSON")
      ->check(cli::refuse_standard_output);
  open->add_flag_callback(
      "--unsigned", [options] { options->without = Unsigned::kTaken; },
      "take batches without signature: for a purpose with `pseudonym { none {} }`");
  open->add_option("--members", options->members,
                   "member list of the relink authority, or a directory of them; again for more")
      ->type_name("FILE")
      ->allow_extra_args(false);
  open->add_option("--forget", options->orders,
                   "erasure order of the relink authority, or a directory of them: leave out the "
                   "records that it names")
      ->type_name("FILE")
      ->allow_extra_args(false);
  open->add_option("--authority", options->authorities,
                   "public signing key of the relink authority, \"sudarepub1...\"")
      ->type_name("PUBKEY")
      ->allow_extra_args(false);
  open->add_option_function<std::string>(
          "--require", [options](const std::string&) { options->members_only = true; },
          "`member`: refuse batches whose pseudonym is on no member list")
      ->check(CLI::IsMember({"member"}));
  cli::add_broker_options(*open, "--mqtt", options->broker);
  open->add_option("--client-id", options->client_id,
                   "name at the broker; it then keeps what is missed for a week");
  open->add_option("--idle-seconds", options->idle_seconds,
                   "end after so long without a batch; default: run until stopped")
      ->check(CLI::NonNegativeNumber);
  open->footer(
      "Exit 3: a batch did not open or verify, records or chunks of a clip are missing, a clip is "
      "damaged,\nor two senders used one pseudonym (a restored backup, a cloned unit); with "
      "--require member also: a batch that is "
      "no member's.\n");
  open->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
