#include "tests/faults/rig/car.h"

#include <stdexcept>

#include "sim/mqtt/publisher.h"
#include "tests/faults/rig/canary.h"
#include "tests/testkit/process.h"

namespace sudare::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Between two looks at whether the car is to stop.
constexpr int kBurst = 50;

}  // namespace

Car::Car(CarOptions options) : options_(std::move(options)), thread_([this] { run(); }) {
  while (connected_ == 0) testkit::pause(milliseconds(1));
  if (connected_ > 0) return;
  thread_.join();
  throw std::runtime_error(error_);
}

Car::~Car() {
  if (thread_.joinable()) stop(milliseconds(0));
}

bool Car::stop(milliseconds longest) {
  drain_ = longest;
  stopping_ = true;
  thread_.join();
  return settled_ == published_;
}

void Car::run() {
  sim::PublisherOptions to;
  to.broker.endpoint = {"127.0.0.1", options_.port, false};
  to.producer = options_.producer;
  auto connected = sim::Publisher::connect(to, [this](std::uint64_t) { ++settled_; });
  if (!connected) error_ = connected.error().to_string();
  connected_ = connected ? 1 : -1;
  if (!connected) return;
  sim::Publisher& publisher = **connected;
  const auto start = steady_clock::now();
  while (!stopping_) {
    for (int i = 0; i < kBurst && published_ < options_.messages_max && !stopping_; ++i) {
      // Waiting within publish() would not see the end.
      if (!publisher.ready()) break;
      if (publisher.outstanding() >= (options_.producer.empty() ? 499U : 1999U)) break;
      if (options_.per_second > 0) {
        const std::chrono::duration<double> ran = steady_clock::now() - start;
        if (static_cast<double>(published_) > ran.count() * options_.per_second) break;
      }
      const std::uint64_t number = options_.first + published_;
      if (!publisher.publish(number + 1, options_.topic, numbered_json(number), false)) break;
      ++published_;
    }
    publisher.work(1);
  }
  publisher.drain(drain_.count());
}

}  // namespace sudare::faults
