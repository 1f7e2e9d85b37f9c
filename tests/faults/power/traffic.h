// What is beside the unit in its car and keeps its power: the in-vehicle broker, and who publishes
// numbered messages there as fast as they are taken.
#pragma once

#include <cstdint>
#include <set>

namespace sudare::faults {

// One thread.
class Traffic {
 public:
  virtual ~Traffic() = default;
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Messages that the gateway is known to have acknowledged: how many, and which.
  [[nodiscard]] virtual std::uint64_t progress() const = 0;
  [[nodiscard]] virtual std::set<std::uint64_t> acknowledged() const = 0;
  // After a cut: all that the unit had sent was read.
  [[nodiscard]] virtual bool heard_all() const = 0;
  // It may be kept more than once: the unit got it again and could not know.
  [[nodiscard]] virtual bool may_repeat(std::uint64_t number) const = 0;
  // No more messages. False: what was sent is not acknowledged within a minute.
  virtual bool stop() = 0;

 protected:
  Traffic() = default;
};

}  // namespace sudare::faults
