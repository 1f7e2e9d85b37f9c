// A car for some power cuts: its drive, the broker beside its unit, its cloud, and the books that
// say what may never be lost.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "tests/faults/campaign/fault.h"
#include "tests/faults/power/drive.h"
#include "tests/faults/power/machine.h"
#include "tests/faults/power/recording_broker.h"
#include "tests/faults/power/recovered.h"
#include "tests/system/gateway/unit.h"

namespace sudare::faults {

// One power cut.
struct Cut {
  std::uint64_t seed = 0;
  std::uint64_t run = 0;
  bool cloud = false;     // there is a cloud that takes what is queued
  bool pressure = false;  // so little memory that the unit swaps
};

struct CarProgram {
  std::string name = "sudare-gateway";
  std::string preload;
};

// One thread.
class Car {
 public:
  Car(std::filesystem::path directory, CarProgram program);

  // Boots, lets the unit work, cuts its power; `result` gets what the boot before left behind, and
  // what was acknowledged in this one. False: it did not come so far, and the car is of no further
  // use.
  bool cut(const Cut& cut, FaultResult& result);
  // The last boot: reads what the last cut left; with `deliver` all that was ever acknowledged must
  // reach the cloud.
  bool finish(const Cut& last, bool deliver, FaultResult& result);

 private:
  [[nodiscard]] std::string place(const Cut& cut) const;
  void make_drive();
  bool boot(const Cut& cut, FaultResult& result);
  bool work(const Cut& cut, std::mt19937_64& random, FaultResult& result);
  void after_cut(const Cut& cut, std::mt19937_64& random, FaultResult& result);
  void examine(const Cut& cut, FaultResult& result);
  // Takes in what the recipient got since the last time.
  void take_delivered(FaultResult& result);
  // Acknowledged numbers that neither `recovered` nor the recipient has.
  void count_lost(const Cut& cut, const Numbers& recovered, FaultResult& result);
  [[nodiscard]] std::set<std::uint64_t> missing(const Numbers& recovered, FaultResult& result);

  std::filesystem::path directory_;
  CarProgram program_;
  testkit::Unit unit_;
  Keys keys_;
  bool cloud_runs_ = true;
  RecordingBroker broker_;
  std::unique_ptr<Drive> drive_;
  std::unique_ptr<Machine> machine_;
  std::uint64_t boots_ = 0;
  std::uint64_t counted_ = 0;        // of what was acknowledged
  std::set<std::uint64_t> durable_;  // what was acknowledged when the power went
  std::set<std::uint64_t> lost_;     // of it
  Numbers delivered_;
  std::size_t received_ = 0;  // messages of the recipient that are in it
};

}  // namespace sudare::faults
