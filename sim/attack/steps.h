// What a long measurement is at: a bar with the time left on a terminal, a line per step elsewhere.
// Writes to stderr. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

namespace sudare::sim::attack {

class Steps {
 public:
  // `weight`: of all steps together, in any unit of time.
  explicit Steps(double weight);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // Ends the step before it.
  void begin(const std::string& what, double weight);
  void show(double share);  // of the step; at most five times a second reach the terminal
  void end();

  [[nodiscard]] double seconds() const;

 private:
  void draw(double share);

  bool terminal_;
  std::int64_t start_ms_;
  std::int64_t drawn_ms_ = 0;
  double weight_;
  double done_ = 0;
  double step_ = 0;
  std::string what_;
};

}  // namespace sudare::sim::attack
