// How the cost of a message grows with what a policy says: purposes that it is released to, sources
// that it is not of, fields, bytes; and with how many come between two commits. The gateway's own
// pipeline, sealer and store, from take() to commit(), one policy per case. Counts CPU time: the
// disk's is not in it.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "gateway/pipeline.h"
#include "gateway/policy/load.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

// As at some hundred messages a second with the default interval.
constexpr int kMessagesPerCommit = 100;

template <class T>
T need(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

struct Shape {
  int purposes = 1;  // that the message is released to
  int sources = 1;   // of the policy
  int fields = 4;    // of the message, all released
  int bytes = 0;     // of text in a field that no rule names
};

std::string policy_text(const Shape& shape) {
  const std::string recipient = age::open_side::Identity::generate().recipient().to_string();
  std::string text = "language: 1\nserial: 1\nnot_after: \"2099-12-31\"\n";
  for (int i = 0; i < shape.purposes; ++i) {
    text += "purpose { name: \"p" + std::to_string(i) + "\" recipient: \"" + recipient +
            "\" pseudonym { rotate_days: 28 } consent: OPT_OUT ceiling { } linger_ms: 600000 "
            "batch_bytes_max: 1048576 keep_hours: 24 priority: 1 }\n";
  }
  for (int source = 0; source < shape.sources; ++source) {
    text += "source { topic: \"car/s" + std::to_string(source) + "\" codec: JSON\n";
    std::string fields;
    for (int i = 0; i < shape.fields; ++i) {
      const std::string path = "f" + std::to_string(i);
      text += "classify { path: \"" + path + "\" class: NOT_PERSONAL }\n";
      fields += "field { path: \"" + path + "\" } ";
    }
    for (int i = 0; i < shape.purposes; ++i) {
      text += "release { to: \"p" + std::to_string(i) + "\" " + fields + "time { exact: true } }\n";
    }
    text += "}\n";
  }
  return text;
}

struct Unit {
  explicit Unit(const Shape& shape) {
    need(crypto_init());
    const SchemaSet schemas;
    PolicyLoad loaded = load_policy("bench", policy_text(shape), schemas, nullptr);
    if (loaded.policy == nullptr) std::abort();
    constexpr std::uint64_t kQuota = 1ULL << 30U;
    store = need(
        Store::open({directory.path() / "state", kQuota, 0, journal_bytes_for(kQuota)}, clock));
    const std::int64_t day = clock.wall_ms() / 86'400'000;
    CommitGroup group;
    need(Epochs::provision(day, group.state));
    need(store->commit(group));
    time = need(TrustedTime::load(*store, clock, day));
    PolicyInUse in_use;
    in_use.policy = std::move(loaded.policy);
    pipeline = need(Pipeline::create(std::move(in_use), *store, *time, clock, "consent", "net"));
    pipeline->begin_round();
  }

  testkit::TemporaryDirectory directory;
  SystemClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<TrustedTime> time;
  std::unique_ptr<Pipeline> pipeline;
};

Message message_of(const Shape& shape, int number) {
  std::string payload = "{";
  for (int i = 0; i < shape.fields; ++i) {
    payload += "\"f" + std::to_string(i) + "\": " + std::to_string(number * 7919 + i) + ", ";
  }
  payload += "\"rest\": \"" + std::string(static_cast<std::size_t>(shape.bytes), 'x') + "\"}";
  Message message;
  message.topic.set("car/s0");
  message.payload.set(payload);
  message.received_ms = 1'700'000'000'000 + number;
  return message;
}

// Time per message, its share of the commit included.
void run(benchmark::State& state, const Shape& shape, int messages_per_commit) {
  Unit unit(shape);
  std::vector<Message> messages;
  for (int i = 0; i < 1000; ++i) messages.push_back(message_of(shape, i));
  std::size_t next = 0;
  for (auto _ : state) {
    for (int i = 0; i < messages_per_commit; ++i) {
      unit.pipeline->take(messages[next++ % messages.size()], false);
    }
    need(unit.pipeline->commit(false));
    unit.pipeline->begin_round();
  }
  state.SetItemsProcessed(state.iterations() * messages_per_commit);
  const auto fate = unit.store->account().total().by_fate;
  if (fate[static_cast<std::size_t>(Fate::kRejected)] != 0) state.SkipWithError("rejected");
}

void BM_Purposes(benchmark::State& state) {
  run(state, {.purposes = static_cast<int>(state.range(0))}, kMessagesPerCommit);
}
BENCHMARK(BM_Purposes)->RangeMultiplier(2)->Range(1, 16);

void BM_Sources(benchmark::State& state) {
  run(state, {.sources = static_cast<int>(state.range(0))}, kMessagesPerCommit);
}
BENCHMARK(BM_Sources)->RangeMultiplier(8)->Range(1, 64)->Arg(256);

void BM_Fields(benchmark::State& state) {
  run(state, {.fields = static_cast<int>(state.range(0))}, kMessagesPerCommit);
}
BENCHMARK(BM_Fields)->RangeMultiplier(4)->Range(1, 64);

void BM_PayloadBytes(benchmark::State& state) {
  run(state, {.bytes = static_cast<int>(state.range(0))}, kMessagesPerCommit);
}
BENCHMARK(BM_PayloadBytes)->RangeMultiplier(8)->Range(16, 8192)->Arg(60'000);

void BM_MessagesPerCommit(benchmark::State& state) {
  run(state, {}, static_cast<int>(state.range(0)));
}
BENCHMARK(BM_MessagesPerCommit)->RangeMultiplier(10)->Range(1, 1000);

}  // namespace
}  // namespace sudare
