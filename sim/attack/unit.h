// One simulated unit: the gateway's own pipeline, sealer and store in a directory of its own,
// without brokers. What it would send is rows of ciphertext; what a thief of the unit finds is its
// directory. Time is what the messages say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "gateway/policy/policy.h"
#include "sim/error.h"
#include "sim/traffic/traffic.h"

namespace sudare::sim::attack {

// Called with the cloud topic and the payload of what would be sent.
using UplinkSink = std::function<void(std::string_view topic, std::string_view bytes)>;

// Not thread-safe; units don't know of one another. Removes its directory at the end.
class Unit {
 public:
  // Provisioned at `start_ms`; nobody is told its root. An error where the directory or the store
  // can't be made.
  static Parsed<std::unique_ptr<Unit>> create(const Policy& policy, std::int64_t start_ms);
  ~Unit();
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  // Commits after some messages, or at once where the pipeline asks for it. An error: the disk.
  [[nodiscard]] Parsed<Done> take(const Outgoing& message);
  // Hands over what could be sent by now, as if the cloud acknowledged it.
  [[nodiscard]] Parsed<Done> drain(const UplinkSink& sink);
  // The same after all batches have closed and all that waits for a later bucket has left.
  [[nodiscard]] Parsed<Done> finish(const UplinkSink& sink);

  [[nodiscard]] const std::filesystem::path& directory() const;

 private:
  struct State;
  explicit Unit(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare::sim::attack
