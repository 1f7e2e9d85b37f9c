#include "sim/attack/unit.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "gateway/pipeline.h"
#include "gateway/seal/epochs.h"
#include "gateway/store/outbox_reader.h"

namespace sudare::sim::attack {

namespace {

namespace fs = std::filesystem;

// A unit commits every 100 ms, which at a car's rate is a disk write per message.
constexpr int kMessagesPerCommit = 100;
constexpr std::uint64_t kQuotaBytes = 64ULL << 20U;
constexpr std::uint64_t kReserveBytes = 4ULL << 20U;
constexpr std::size_t kRowsPerLook = 64;
constexpr std::size_t kBytesPerLook = 8ULL << 20U;
constexpr std::int64_t kLongestBucketMs = 2 * kMsPerDay;

class MessageClock final : public Clock {
 public:
  explicit MessageClock(std::int64_t start_ms) : start_ms_(start_ms), now_ms_(start_ms) {}
  void advance_to(std::int64_t time_ms) { now_ms_ = std::max(now_ms_, time_ms); }
  [[nodiscard]] std::int64_t wall_ms() const override { return now_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_ - start_ms_; }

 private:
  std::int64_t start_ms_;
  std::int64_t now_ms_;
};

tl::unexpected<InputError> failed(const fs::path& at, const Error& error) {
  return input_error(at.string(), 0, "a simulated unit stopped: " + std::string(error.what.view()),
                     "TMPDIR names a folder with some 100 MB to spare");
}

Parsed<fs::path> make_directory() {
  std::string name = fs::temp_directory_path() / "sudare-unit-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    return input_error(name, 0, std::string("can't be made: ") + std::strerror(errno),
                       "TMPDIR names a folder that can be written");
  }
  return fs::path(name);
}

}  // namespace

struct Unit::State {
  State(fs::path where, std::int64_t start_ms) : directory(std::move(where)), clock(start_ms) {}
  ~State() {
    pipeline.reset();
    reader.reset();
    time.reset();
    store.reset();
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Status start(const Policy& policy) {
    TRY(store, Store::open({(directory / "state").string(), kQuotaBytes, kReserveBytes}, clock));
    CommitGroup group;
    const std::int64_t day = clock.wall_ms() / kMsPerDay;
    TRY(const RootKey forgotten, Epochs::provision(day, group.state));
    TRY(store->commit(group));
    TRY(time, TrustedTime::load(*store, clock, day));
    PolicyInUse in_use{std::make_unique<const Policy>(policy), false};
    TRY(pipeline, Pipeline::create(std::move(in_use), *store, *time, clock, "vehicle/consent",
                                   "vehicle/network"));
    TRY(reader, OutboxReader::open((directory / "state").string(), store->session(), clock,
                                   store->journaled()));
    pipeline->begin_round();
    return Done{};
  }

  Status commit(bool close_all) {
    waiting = 0;
    TRY(pipeline->commit(close_all));
    pipeline->begin_round();
    return Done{};
  }

  Status drain(const UplinkSink& sink) {
    while (true) {
      TRY(const std::vector<OutboxRow> rows, reader->ready({}, kRowsPerLook, kBytesPerLook));
      if (rows.empty()) return Done{};
      std::vector<RowId> sent;
      for (const OutboxRow& row : rows) {
        sink("sudare/1/" + row.purpose + "/" + std::to_string(row.shard), row.bytes);
        sent.push_back(row.id);
      }
      pipeline->delivered(sent);
      TRY(commit(false));
    }
  }

  fs::path directory;
  MessageClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<TrustedTime> time;
  std::unique_ptr<OutboxReader> reader;
  std::unique_ptr<Pipeline> pipeline;
  int waiting = 0;  // messages since the last commit
};

Unit::Unit(std::unique_ptr<State> state) : state_(std::move(state)) {}
Unit::~Unit() = default;

Parsed<std::unique_ptr<Unit>> Unit::create(const Policy& policy, std::int64_t start_ms) {
  auto directory = make_directory();
  if (!directory) return tl::unexpected<InputError>(directory.error());
  auto state = std::make_unique<State>(*directory, start_ms);
  if (const Status started = state->start(policy); !started) {
    return failed(*directory, started.error());
  }
  return std::unique_ptr<Unit>(new Unit(std::move(state)));
}

Parsed<Done> Unit::take(const Outgoing& outgoing) {
  state_->clock.advance_to(outgoing.time_ms);
  Message message;
  message.topic.set(outgoing.topic);
  message.payload.set(outgoing.payload);
  message.received_ms = outgoing.time_ms;
  message.retained = outgoing.retained;
  state_->pipeline->take(message, false);
  if (++state_->waiting < kMessagesPerCommit && !state_->pipeline->commit_at_once()) return Done{};
  if (const Status done = state_->commit(false); !done) {
    return failed(state_->directory, done.error());
  }
  return Done{};
}

Parsed<Done> Unit::drain(const UplinkSink& sink) {
  Status done = state_->commit(false);
  if (done) done = state_->drain(sink);
  return done ? Parsed<Done>(Done{}) : failed(state_->directory, done.error());
}

Parsed<Done> Unit::finish(const UplinkSink& sink) {
  Status done = state_->commit(true);
  state_->clock.advance_to(state_->clock.wall_ms() + kLongestBucketMs);
  if (done) done = state_->drain(sink);
  return done ? Parsed<Done>(Done{}) : failed(state_->directory, done.error());
}

const fs::path& Unit::directory() const { return state_->directory; }

}  // namespace sudare::sim::attack
