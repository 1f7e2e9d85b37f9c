// Cars whose identifiers and exact positions are looked for in everything that the broker delivers
// and in everything that is opened, with the scanner of `sudare audit`. It finds a leak that the
// pipeline and its preview would share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/compare/leaks.h"
#include "sim/fleet/car.h"

namespace sudare::sim::fleet {

struct CanaryFindings {
  std::uint64_t cars = 0;
  std::uint64_t planted_identifiers = 0;
  std::uint64_t planted_positions = 0;
  std::uint64_t delivered = 0;    // different ones in what the broker delivered, as it was
  std::uint64_t identifiers = 0;  // ... in opened records, beyond what the policy lets pass
  std::uint64_t positions = 0;

  [[nodiscard]] std::uint64_t leaked() const { return delivered + identifiers + positions; }
};

// One thread.
class Canaries {
 public:
  // Drives the cars once more, up to the run's end, to know every position beforehand.
  Canaries(const CarPlan& plan, const std::vector<CarNumber>& numbers);

  void delivered(std::string_view topic, std::string_view payload);
  void opened(PurposeIndex purpose, const std::string& topic, const std::string& payload);
  [[nodiscard]] CanaryFindings findings() const;

 private:
  struct Planting {
    std::vector<Planted> identifiers;
    AuditInputs inputs;
  };
  static Planting plant(const CarPlan& plan, const std::vector<CarNumber>& numbers);
  Canaries(const CarPlan& plan, std::size_t cars, Planting planting);

  CanaryFindings planted_;
  Auditor wire_;
  std::vector<LeakScan> opened_;  // by PurposeIndex
};

}  // namespace sudare::sim::fleet
