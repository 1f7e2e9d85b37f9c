// A long queue: what it costs to add to it, the memory, and how fast it leaves.
#include "sim/bench/bench.h"
#include "sim/process/wait.h"

namespace sudare::sim::bench {

namespace {

constexpr std::uint64_t kWindow = 50'000;  // messages over which a rate is taken
constexpr std::uint64_t kQuickWindow = 2000;
constexpr std::uint64_t kSome = 10'000;
constexpr std::uint64_t kMany = 1'000'000;
constexpr std::uint64_t kQuickMany = 20'000;
constexpr std::int64_t kTakenMsMax = 300'000;
constexpr std::int64_t kIdleMsMax = 30'000;

// A gateway whose cloud is away, and how much it has taken.
class Queue {
 public:
  static Parsed<std::unique_ptr<Queue>> start(Bench& bench, std::uint64_t most) {
    SubjectOptions options;
    options.cloud_keeps = true;
    auto subject = Subject::start(bench.options.parts, options);
    if (!subject) return tl::unexpected<InputError>(subject.error());
    std::unique_ptr<Queue> queue(new Queue(bench, *std::move(subject), most));
    auto recipient = Recipient::start(queue->subject_->cloud(), queue->subject_->keys(),
                                      {{&bench.readings, &queue->ledger_, "readings"}}, true);
    if (!recipient) return tl::unexpected<InputError>(recipient.error());
    queue->recipient_ = *std::move(recipient);
    queue->subject_->stop_cloud();
    return queue;
  }

  // Sends, and waits until the gateway has acknowledged all to the in-vehicle broker: the account
  // counts what is on disk.
  Parsed<QueueRate> add(std::uint64_t count) {
    QueueRate rate;
    rate.queued = next_;
    const double cpu_before = subject_->gateway_usage().cpu_seconds();
    const std::int64_t start_ns = now_ns();
    LoadOptions load;
    load.first = next_;
    load.count = count;
    auto sent = run_load(subject_->local(), bench_.readings, ledger_, load);
    if (!sent) return tl::unexpected<InputError>(sent.error());
    next_ += count;
    const bool taken = wait_until(
        [&] {
          const auto metrics = subject_->metrics();
          return metrics && metrics->sum("sudare_rows_taken_total") >= next_;
        },
        kTakenMsMax);
    if (!taken) return input_error({}, 0, "the gateway did not take every reading");
    rate.per_second = static_cast<double>(count) * 1e9 / static_cast<double>(now_ns() - start_ns);
    rate.cpu_us =
        (subject_->gateway_usage().cpu_seconds() - cpu_before) * 1e6 / static_cast<double>(count);
    return rate;
  }

  // The cloud comes back: readings per second until the last is opened.
  Parsed<Done> drain(LongQueue& result) {
    const Usage usage = subject_->gateway_usage();
    result.anonymous_mib = static_cast<double>(usage.anonymous_kib) / 1024;
    result.peak_mib = static_cast<double>(usage.peak_kib) / 1024;
    if (const auto metrics = subject_->metrics()) {
      result.file_mib =
          static_cast<double>(metrics->sum("sudare_store_file_bytes")) / (1024 * 1024);
    }
    if (auto done = subject_->start_cloud(); !done) return done;
    const std::int64_t start_ns = now_ns();
    recipient_->wait_for(ledger_, next_, kIdleMsMax);
    recipient_->stop();
    result.drained = ledger_.opened_count();
    result.lost = ledger_.lost();
    result.drain_seconds = static_cast<double>(ledger_.last_opened_ns() - start_ns) / 1e9;
    result.peak_after_drain_mib = static_cast<double>(subject_->gateway_usage().peak_kib) / 1024;
    return Done{};
  }

 private:
  Queue(Bench& bench, std::unique_ptr<Subject> subject, std::uint64_t most)
      : bench_(bench), subject_(std::move(subject)), ledger_(most) {}

  Bench& bench_;
  std::unique_ptr<Subject> subject_;
  Ledger ledger_;
  std::unique_ptr<Recipient> recipient_;
  std::uint64_t next_ = 0;
};

// A fresh gateway's rate with `filled` in its queue.
Parsed<Done> measure_fresh(Bench& bench, std::uint64_t filled, std::uint64_t window) {
  bench.progress("enqueue rate with " + std::to_string(filled) + " queued");
  auto queue = Queue::start(bench, filled + window);
  if (!queue) return tl::unexpected<InputError>(queue.error());
  if (filled > 0) {
    if (auto done = (*queue)->add(filled); !done) return tl::unexpected<InputError>(done.error());
  }
  auto rate = (*queue)->add(window);
  if (!rate) return tl::unexpected<InputError>(rate.error());
  bench.report.queue.rates.push_back(*rate);
  return Done{};
}

}  // namespace

// Short queues before and after the long one: a machine that becomes busier must not look like one.
Parsed<Done> measure_queue(Bench& bench) {
  const std::uint64_t window = bench.options.quick ? kQuickWindow : kWindow;
  const std::uint64_t many = bench.options.quick ? kQuickMany : kMany;
  constexpr int kLongWindows = 4;
  for (const std::uint64_t filled : {std::uint64_t{0}, kSome, std::uint64_t{0}}) {
    if (auto done = measure_fresh(bench, filled, window); !done) return done;
  }
  bench.progress("filling the queue with " + std::to_string(many) + " readings");
  {
    auto queue = Queue::start(bench, many + kLongWindows * window);
    if (!queue) return tl::unexpected<InputError>(queue.error());
    if (auto done = (*queue)->add(many); !done) return tl::unexpected<InputError>(done.error());
    for (int i = 0; i < kLongWindows; ++i) {
      bench.progress("enqueue rate with " + std::to_string(many) + " queued");
      auto rate = (*queue)->add(window);
      if (!rate) return tl::unexpected<InputError>(rate.error());
      rate->queued = many;
      bench.report.queue.rates.push_back(*rate);
    }
    bench.progress("draining the queue");
    if (auto done = (*queue)->drain(bench.report.queue); !done) return done;
  }
  for (const std::uint64_t filled : {std::uint64_t{0}, kSome, std::uint64_t{0}}) {
    if (auto done = measure_fresh(bench, filled, window); !done) return done;
  }
  bench.report.queue.many = many;
  return Done{};
}

}  // namespace sudare::sim::bench
