#include "gateway/car/car_check.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "gateway/car/reveal.h"

namespace sudare {
namespace {

constexpr std::string_view kFingerprintKey = "fingerprint";
constexpr std::string_view kInARowKey = "differs";  // decimal: messages in a row
constexpr std::string_view kMovedKey = "moved";

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

Result<std::optional<CarFingerprint>> CarCheck::fingerprint_of(
    const std::vector<StateEntry>& entries) {
  std::optional<CarFingerprint> found;
  for (const StateEntry& entry : entries) {
    if (entry.key != kFingerprintKey) continue;
    TRY(found, CarFingerprint::decode(entry.value));
  }
  return found;
}

Result<std::unique_ptr<CarCheck>> CarCheck::load(const Store& store) {
  TRY(const std::vector<StateEntry> entries, store.states(kCarModule));
  std::unique_ptr<CarCheck> check(new CarCheck());
  TRY(check->fingerprint_, fingerprint_of(entries));
  for (const StateEntry& entry : entries) {
    if (entry.key == kMovedKey) check->moved_ = true;
    if (entry.key != kInARowKey) continue;
    const auto number = number_in(entry.value);
    if (!number) return fail(ErrorCode::kMalformed, "car: a stored count is damaged");
    check->in_a_row_ = *number;
  }
  return check;
}

bool CarCheck::look(const Personal<CarNumbers>& said, bool retained) {
  if (!fingerprint_) return false;
  const CarNumbers& numbers = said.reveal(CarStage::key());
  const CarFingerprint::Match match = fingerprint_->match(numbers.vin, numbers.frame_number);
  if (match == CarFingerprint::Match::kNothing) return false;
  const std::uint32_t before = in_a_row_;
  if (match == CarFingerprint::Match::kSame) {
    in_a_row_ = 0;
  } else {
    ++differed_;
    if (retained) in_a_row_ = std::max(in_a_row_, 1U);
    else if (in_a_row_ < kCarDiffersMax) ++in_a_row_;
  }
  changed_ = changed_ || in_a_row_ != before;
  if (moved_ || in_a_row_ < kCarDiffersMax) return false;
  moved_ = true;
  return true;
}

void CarCheck::take_changes(std::vector<StateEntry>& out) {
  if (!changed_) return;
  changed_ = false;
  out.push_back({kCarModule, std::string(kInARowKey),
                 in_a_row_ == 0 ? std::string() : std::to_string(in_a_row_)});
  if (moved_) out.push_back({kCarModule, std::string(kMovedKey), std::string("yes")});
}

Status CarCheck::provision(const std::vector<StateEntry>& former, std::string_view vin,
                           std::string_view frame_number, std::vector<StateEntry>& out) {
  TRY(std::optional<CarFingerprint> fingerprint, fingerprint_of(former));
  const bool same = fingerprint && fingerprint->covers(vin, frame_number) &&
                    fingerprint->match(vin, frame_number) == CarFingerprint::Match::kSame;
  if (!same) fingerprint = CarFingerprint::make(vin, frame_number);
  if (fingerprint) provision(*fingerprint, out);
  return Done{};
}

void CarCheck::provision(const CarFingerprint& fingerprint, std::vector<StateEntry>& out) {
  out.push_back({kCarModule, std::string(kFingerprintKey), fingerprint.encode()});
}

}  // namespace sudare
