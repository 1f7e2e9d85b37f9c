// Provisions the units of a factory line, many at a time, into a folder:
//
//   OUTPUT/<unit>/state/        the unit's state directory
//   OUTPUT/<unit>/sealed        for the relink authority; sealed.1 and sealed.2 where it is two
//   OUTPUT/<unit>/provisioned   a fingerprint of the car (gateway/car): tells a repeated line from
//                               a unit's name that is used for two cars, and does not tell the car
//   OUTPUT/.making/             what is not whole
//   OUTPUT/.lock                one process at a time
//
// Invariants
//  1. OUTPUT/<unit> is whole and on disk, or not there: it is made in .making/, synced, and then
//     renamed.
//  2. The car's numbers are in no file but inside the sealed record. Nor is the root of its chains.
// Recovery: .making/ is emptied at the start. What was in it was never in force: no unit has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "crypto/seal/recipient.h"
#include "fleet/provision/car_list.h"
#include "gateway/store/disk.h"

namespace sudare {

// Made sure of together. More would make a line that types its cars in wait no shorter, and would
// lose more to a power cut.
inline constexpr std::size_t kFactoryBatchCars = 128;

// `state`, `sealed` and `provisioned` of a folder are one car's.
struct FactoryOptions {
  std::string output;                       // made (0700) if missing, not its parents
  std::vector<age::Recipient> authorities;  // one or two
};

enum class CarMade : std::uint8_t { kMade, kPresent, kFailed };

struct CarOutcome {
  CarMade made = CarMade::kFailed;
  Error error{ErrorCode::kUnavailable, "stopped"};  // where it failed
};

enum class FactoryStep : std::uint8_t { kMade, kSynced, kNamed };

class FactoryLine {
 public:
  // kRefused: another process works there, or not one or two authorities. kIo (errno).
  static Result<FactoryLine> open(FactoryOptions options, const Clock& clock);

  // By car, in their order. No name may be among them twice. kPresent: made by an earlier call for
  // the same car. kRefused: the unit's name is another car's, or a folder's that this did not make;
  // nothing of it has changed. Where `stopped` becomes true, cars that were not begun fail with
  // kUnavailable; those that were begun are completed. Everything that is not kFailed is on disk
  // when this returns. `reached` is called by the caller's thread after each step, for tests of
  // what a power cut there leaves; both may be empty.
  std::vector<CarOutcome> make(std::span<const CarLine> cars, const std::function<bool()>& stopped,
                               const std::function<void(FactoryStep)>& reached);

 private:
  FactoryLine(FactoryOptions options, const Clock& clock, std::unique_ptr<DiskFile> lock)
      : options_(std::move(options)), clock_(clock), lock_(std::move(lock)) {}
  [[nodiscard]] Status make_car(const CarLine& car) const;
  [[nodiscard]] Status sync_car(const CarLine& car) const;
  [[nodiscard]] Status name_car(const CarLine& car) const;
  [[nodiscard]] std::string folder(const CarLine& car) const;
  [[nodiscard]] std::string unfinished(const CarLine& car) const;

  FactoryOptions options_;
  const Clock& clock_;
  std::unique_ptr<DiskFile> lock_;
};

// The content of OUTPUT/<unit>/provisioned. kMalformed.
[[nodiscard]] Result<CarFingerprint> parse_provisioned_mark(std::string_view text);
[[nodiscard]] std::string provisioned_mark(const CarFingerprint& fingerprint);

}  // namespace sudare
