// A car for some power cuts: the unit's drive, what is beside it in the car, its cloud, and the
// books that say what may never be lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "tests/faults/campaign/fault.h"
#include "tests/faults/power/drive.h"
#include "tests/faults/power/machine.h"
#include "tests/faults/power/recovered.h"
#include "tests/faults/power/traffic.h"
#include "tests/system/gateway/unit.h"

namespace sudare::faults {

// What the unit is at when its power goes.
enum class Moment { kWorking, kStarting, kRecoveringFiles };

// One power cut.
struct Cut {
  std::uint64_t seed = 0;
  std::uint64_t run = 0;
  Moment moment = Moment::kWorking;
  bool cloud = false;     // there is a cloud that takes what is queued
  bool pressure = false;  // so little memory that the unit swaps
  bool control = false;   // it must lose: under load for at least a second, not in a flush
};

struct VehicleOptions {
  std::filesystem::path directory;
  bool mosquitto = false;  // ReceiptTraffic in place of the RecordingBroker's
  std::string program = "sudare-gateway";
  std::string preload;
  bool lying_drive = false;
};

// One thread. Throws std::runtime_error where the host can't do its part.
class Vehicle {
 public:
  explicit Vehicle(VehicleOptions options);

  // Boots, examines what the cut before left, lets the unit work, cuts its power. False: it did not
  // come so far, and the vehicle is of no further use.
  bool cut(const Cut& cut, FaultResult& result);
  // The last boot: examines what the last cut left; with `deliver` all that was ever acknowledged
  // must reach the cloud.
  void finish(const Cut& last, bool deliver, FaultResult& result);
  // Some of the program's memory was swapped out.
  [[nodiscard]] bool swapped() const { return swapped_; }

 private:
  [[nodiscard]] std::string place(const Cut& cut) const;
  void make_drive();
  void boot(const Cut& cut);
  bool wait_booted(const Cut& cut, FaultResult& result);
  bool work(const Cut& cut, std::mt19937_64& random, FaultResult& result);
  void after_cut(const Cut& cut, std::mt19937_64& random, FaultResult& result);
  void examine(const Cut& cut, FaultResult& result);
  // Takes in what the recipient got since the last time.
  void take_delivered(FaultResult& result);
  void count_lost(const Cut& cut, const Numbers& recovered, std::chrono::milliseconds longest,
                  FaultResult& result);
  void count_duplicated(const Cut& cut, const Numbers& all, FaultResult& result);

  VehicleOptions options_;
  testkit::Unit unit_;
  Keys keys_;
  bool cloud_runs_ = true;
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<Drive> drive_;
  std::unique_ptr<Machine> machine_;
  std::filesystem::path boot_directory_;
  std::uint64_t boots_ = 0;
  bool swapped_ = false;
  std::set<std::uint64_t> durable_;  // what was acknowledged when the power went
  std::set<std::uint64_t> lost_;     // of it
  std::set<std::uint64_t> duplicated_;
  Numbers delivered_;
  std::size_t received_ = 0;  // messages of the recipient that are in it
};

}  // namespace sudare::faults
