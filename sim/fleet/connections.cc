#include "sim/fleet/connections.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace sudare::sim::fleet {

namespace {

constexpr std::uint64_t kReceiving = static_cast<std::uint64_t>(-1);
constexpr std::size_t kEventsMax = 512;
constexpr std::int64_t kSweepMs = 1000;
constexpr std::int64_t kConnectMsMax = 15'000;
constexpr std::int64_t kBackoffMsLeast = 500;
constexpr std::uint32_t kBackoffDoublingsMax = 5;  // 16 s
constexpr std::int64_t kReceivingRetryMs = 500;

}  // namespace

Result<std::unique_ptr<Connections>> Connections::create(
    const Broker& broker, const std::vector<std::unique_ptr<Car>>& cars, std::size_t open_max) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return fail(ErrorCode::kIo, "no file descriptor", errno);
  return std::unique_ptr<Connections>(new Connections(broker, cars, open_max, epoll_fd));
}

Connections::Connections(const Broker& broker, const std::vector<std::unique_ptr<Car>>& cars,
                         std::size_t open_max, int epoll_fd)
    : broker_(broker), cars_(cars), open_max_(open_max), epoll_fd_(epoll_fd) {
  slots_.reserve(cars.size());
  for (const auto& car : cars) slots_.push_back(std::make_unique<Slot>(*car, links_));
}

Connections::~Connections() { ::close(epoll_fd_); }

void Connections::watch(std::uint64_t number, int fd, short wants, std::uint32_t& interest) const {
  std::uint32_t wanted = EPOLLIN;
  if ((wants & POLLOUT) != 0) wanted |= EPOLLOUT;
  if (wanted == interest) return;
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = number;
  epoll_ctl(epoll_fd_, interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  interest = wanted;
}

// --- cars

void Connections::update(std::size_t car) {
  Slot& slot = *slots_[car];
  if (!cars_[car]->wants_connection()) {
    // One that waits for its turn is looked at again when it comes.
    if (slot.link.open()) close(car, !cars_[car]->away());
    return;
  }
  if (slot.state == State::kConnected) return serve_link(car);
  if (slot.state != State::kIdle) return;
  slot.state = State::kWaiting;
  waiting_.emplace(now_ms_, car);
}

void Connections::connect_due() {
  while (!waiting_.empty() && connecting_ < kConnectingMax &&
         counts_.connected + connecting_ < open_max_ && waiting_.begin()->first <= now_ms_) {
    const std::size_t car = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    slots_[car]->state = State::kIdle;
    if (cars_[car]->wants_connection()) begin(car);
  }
}

void Connections::begin(std::size_t car) {
  Slot& slot = *slots_[car];
  slot.state = State::kConnecting;
  slot.since_ms = now_ms_;
  ++connecting_;
  if (!slot.link.connect(broker_, slot.failures)) return failed(car);
  serve_link(car);
}

void Connections::serve_link(std::size_t car) {
  Slot& slot = *slots_[car];
  if (!slot.link.serve()) return failed(car);
  if (slot.state == State::kConnecting && slot.link.connected()) {
    slot.state = State::kConnected;
    slot.failures = 0;
    --connecting_;
    ++counts_.connects;
    counts_.connected_max = std::max(counts_.connected_max, ++counts_.connected);
  }
  watch(car, slot.link.fd(), slot.link.wants(), slot.interest);
}

void Connections::close(std::size_t car, bool politely) {
  Slot& slot = *slots_[car];
  if (slot.state == State::kConnected) --counts_.connected;
  if (slot.state == State::kConnecting) --connecting_;
  slot.link.close(politely);
  slot.interest = 0;
  slot.state = State::kIdle;
}

void Connections::failed(std::size_t car) {
  Slot& slot = *slots_[car];
  ++(slot.state == State::kConnected ? counts_.lost : counts_.refused);
  close(car, false);
  if (!cars_[car]->wants_connection()) return;
  const std::int64_t backoff_ms = kBackoffMsLeast
                                  << std::min(slot.failures++, kBackoffDoublingsMax);
  slot.state = State::kWaiting;
  const double share = random_.between(0.5, 1);
  waiting_.emplace(now_ms_ + std::llround(static_cast<double>(backoff_ms) * share), car);
}

// --- the receiving side

void Connections::receive(ReceivingSide& receiving) {
  receiving_ = &receiving;
  connect_receiving();
}

void Connections::connect_receiving() {
  if (receiving_ == nullptr || receiving_->open() || now_ms_ < receiving_retry_ms_) return;
  receiving_retry_ms_ = now_ms_ + kReceivingRetryMs;
  receiving_interest_ = 0;
  if (receiving_->connect(broker_)) {
    watch(kReceiving, receiving_->fd(), receiving_->wants(), receiving_interest_);
  }
}

void Connections::serve_receiving() {
  if (receiving_ == nullptr || !receiving_->open()) return;
  if (!receiving_->serve()) return receiving_->close();
  watch(kReceiving, receiving_->fd(), receiving_->wants(), receiving_interest_);
}

// --- the loop

void Connections::serve(int timeout_ms, std::int64_t now_ms) {
  now_ms_ = now_ms;
  connect_due();
  connect_receiving();
  std::array<epoll_event, kEventsMax> events;
  const int count =
      epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
    if (number == kReceiving) {
      serve_receiving();
      continue;
    }
    const auto car = static_cast<std::size_t>(number);
    if (slots_[car]->link.open()) serve_link(car);
  }
  if (now_ms_ - swept_ms_ >= kSweepMs) sweep();
}

// Keeps quiet connections alive, ends those that hang.
void Connections::sweep() {
  swept_ms_ = now_ms_;
  for (std::size_t car = 0; car < slots_.size(); ++car) {
    Slot& slot = *slots_[car];
    const bool hangs = slot.state == State::kConnecting && now_ms_ - slot.since_ms > kConnectMsMax;
    if (hangs || (slot.state == State::kConnected && !slot.link.tend(now_ms_))) failed(car);
  }
  if (receiving_ != nullptr && receiving_->open() && !receiving_->tend(now_ms_)) {
    receiving_->close();
  }
}

}  // namespace sudare::sim::fleet
