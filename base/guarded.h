// Guarded<T>: shared state that is reachable only under its lock.
#pragma once

#include <mutex>
#include <utility>

namespace sudare {

// `counters.with([](Counters& c) { ++c.sent; });` The callback copies and returns; it must not keep
// a reference, and must not take another Guarded's lock.
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class Use>
  decltype(auto) with(Use&& use) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  decltype(auto) with(Use&& use) const {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace sudare
