// The cloud broker as the dice want it: takes and acknowledges at once, later, never, wrongly;
// refuses; drops the connection before or after it has taken a message.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/faults/disk/dice.h"

namespace sudare::faults {

enum class CloudMood : std::uint8_t { kGood, kSlow, kRefusing, kSilent, kLying, kFlapping };
inline constexpr std::uint64_t kCloudMoods = 6;

class CloudBroker {
 public:
  struct Answer {
    int mid = 0;
    int reason = 0;
  };

  CloudBroker(Dice& dice, std::function<void(const std::string& topic, const std::string&)> taken)
      : dice_(dice), taken_(std::move(taken)) {}

  void set_mood(CloudMood mood) { mood_ = mood; }
  [[nodiscard]] bool connected() const { return connected_; }
  void connect() {
    connected_ = true;
    open_.clear();
  }
  void disconnect() { connected_ = false; }

  // The message's id. Where it drops the connection, maybe after it has taken the message.
  int publish(const std::string& topic, const std::string& bytes) {
    const int mid = next_mid_ = next_mid_ % 65'535 + 1;
    const bool drops = mood_ == CloudMood::kFlapping && dice_.once_in(6);
    if (drops) disconnect();
    if (mood_ == CloudMood::kRefusing && dice_.once_in(2)) {
      open_.push_back({mid, kQuotaExceeded});
    } else if (!drops || dice_.once_in(2)) {
      taken_(topic, bytes);
      open_.push_back({mid, dice_.once_in(8) ? kNoSubscribers : 0});
    }
    return mid;
  }

  // What it says next; in kLying also of messages that were never sent, or twice.
  std::vector<Answer> answers() {
    std::vector<Answer> all;
    if (!connected_ || mood_ == CloudMood::kSilent) return all;
    std::vector<Answer> later;
    for (const Answer& one : open_) {
      const bool waits = mood_ == CloudMood::kSlow && !dice_.once_in(3);
      (waits ? later : all).push_back(one);
      if (mood_ == CloudMood::kLying && dice_.once_in(3)) all.push_back(one);
      if (mood_ == CloudMood::kLying && dice_.once_in(3)) {
        all.push_back({static_cast<int>(30'000 + dice_.below(30'000)), 0});
      }
    }
    open_ = std::move(later);
    return all;
  }

 private:
  static constexpr int kQuotaExceeded = 0x97;
  static constexpr int kNoSubscribers = 0x10;  // a success

  Dice& dice_;
  std::function<void(const std::string& topic, const std::string&)> taken_;
  CloudMood mood_ = CloudMood::kGood;
  bool connected_ = false;
  int next_mid_ = 0;
  std::vector<Answer> open_;  // taken or refused over this connection, and not answered
};

}  // namespace sudare::faults
