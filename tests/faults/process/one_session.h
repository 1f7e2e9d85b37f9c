// A short session of a unit that passes through everything its store does: a start on what an
// earlier one left behind, commits to the journal, from there to SQLite, eviction, the WAL's
// checkpoint, a withdrawal, deliveries, an end in order. The same each time, so that one harm can
// be tried at each of its system calls. Where the gateway dies on the way, the rest waits in the
// in-vehicle broker.
#pragma once

#include <memory>
#include <span>

#include "tests/faults/process/harm.h"

namespace sudare::faults {

class OneSession {
 public:
  // Makes the state that each session begins with.
  OneSession();

  // What is published, and was before: all of it is to arrive.
  static std::array<Numbers, 2> published();

  // One session, the gateway started by `command`. Its exit status.
  int run(const std::vector<std::string>& command);
  testkit::Unit& unit() { return unit_; }

 private:
  void prepare();
  void wait_until(const std::function<bool()>& done, milliseconds longest);
  void publish(std::uint64_t first, std::uint64_t end, const std::string& topic);
  void withdraw();

  testkit::Unit unit_;
  testkit::TemporaryDirectory kept_;
  std::unique_ptr<testkit::MqttClient> car_;
};

}  // namespace sudare::faults
