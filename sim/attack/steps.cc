#include "sim/attack/steps.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/clock.h"
#include "sim/page/text.h"

namespace sudare::sim::attack {

namespace {

constexpr std::int64_t kDrawIntervalMs = 200;
constexpr int kBarColumns = 20;
// Before this share is done the rest can't be told.
constexpr double kShareToTell = 0.04;

std::int64_t now_ms() { return SystemClock().monotonic_ms(); }

}  // namespace

Steps::Steps(double weight)
    : terminal_(isatty(STDERR_FILENO) != 0), start_ms_(now_ms()), weight_(weight) {}

Steps::~Steps() { end(); }

void Steps::begin(const std::string& what, double weight) {
  done_ += step_;
  step_ = weight;
  what_ = what;
  if (terminal_) {
    draw(0);
  } else {
    std::fprintf(stderr, "%s\n", what.c_str());
  }
}

void Steps::show(double share) {
  if (terminal_ && now_ms() - drawn_ms_ >= kDrawIntervalMs) draw(share);
}

void Steps::end() {
  if (terminal_ && drawn_ms_ > 0) std::fputs("\r\033[K", stderr);
  done_ += step_;
  step_ = 0;
  drawn_ms_ = 0;
}

double Steps::seconds() const { return static_cast<double>(now_ms() - start_ms_) / 1000; }

void Steps::draw(double share) {
  drawn_ms_ = now_ms();
  const double all = std::clamp((done_ + step_ * share) / weight_, 0.0, 1.0);
  const int full = static_cast<int>(all * kBarColumns);
  std::string line = "\r\033[K[" + std::string(static_cast<std::size_t>(full), '#') +
                     std::string(static_cast<std::size_t>(kBarColumns - full), ' ') + "] " +
                     right(decimal(all * 100, 0), 3) + " %  " + what_;
  if (all >= kShareToTell) {
    line += "; about " + sim::seconds(Steps::seconds() / all * (1 - all)) + " left";
  }
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace sudare::sim::attack
