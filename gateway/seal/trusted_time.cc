#include "gateway/seal/trusted_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/guarded.h"

namespace sudare {
namespace {

constexpr Literal kModule = "clock";
constexpr std::string_view kFloorKey = "floor_day";

// The last millisecond of the year 9999. What a source claims beyond it is nonsense, and could
// overflow when it is carried forward.
constexpr std::int64_t kUnixMsMax = 253'402'300'799'999;

// Which source names the day when several agree: the system's clock last, since it may have been
// set from one of the others.
constexpr std::array kByTrust = {TimeSource::kSigned, TimeSource::kTls, TimeSource::kGnss,
                                 TimeSource::kRtc};

std::int64_t day_of(std::int64_t unix_ms) {
  return unix_ms / kMsPerDay - (unix_ms % kMsPerDay < 0 ? 1 : 0);
}

struct Observation {
  std::int64_t unix_ms = 0;
  std::int64_t monotonic_ms = 0;  // when it was made
};

using PerSource = std::array<std::optional<std::int64_t>, kByTrust.size()>;

struct Knowledge {
  std::array<std::optional<Observation>, kByTrust.size()> observations;
  std::int64_t floor_day = 0;
  std::int64_t stored_floor_day = 0;
};

// What each source that counts says about now, in unix ms.
PerSource plausible_times(const Knowledge& knowledge, const Clock& clock) {
  const std::int64_t monotonic_ms = clock.monotonic_ms();
  // The source that is a little behind when the day changes still supports the one that names it.
  const std::int64_t earliest_ms = knowledge.floor_day * kMsPerDay - kClockAgreementMs;
  const std::int64_t latest_day = knowledge.floor_day + kClockAheadDaysMax;
  PerSource times;
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::optional<std::int64_t> time_ms;
    if (static_cast<TimeSource>(i) == TimeSource::kRtc) {
      time_ms = clock.wall_ms();
    } else if (const auto& seen = knowledge.observations[i]) {
      const std::int64_t age_ms = monotonic_ms - seen->monotonic_ms;
      if (age_ms <= kObservationAgeMsMax) time_ms = seen->unix_ms + age_ms;
    }
    if (time_ms && *time_ms >= earliest_ms && day_of(*time_ms) <= latest_day) times[i] = time_ms;
  }
  return times;
}

// The day that two sources agree on; of several, the one that most sources support.
std::optional<std::int64_t> confirmed_day(const Knowledge& knowledge, const Clock& clock) {
  const PerSource times = plausible_times(knowledge, clock);
  std::optional<std::int64_t> day;
  int most_support = 0;
  for (const TimeSource source : kByTrust) {
    const auto& time_ms = times[static_cast<std::size_t>(source)];
    if (!time_ms || day_of(*time_ms) < knowledge.floor_day) continue;
    int support = -1;  // it agrees with itself
    for (const auto& other_ms : times) {
      if (other_ms && std::abs(*other_ms - *time_ms) <= kClockAgreementMs) ++support;
    }
    if (support > most_support) {
      most_support = support;
      day = day_of(*time_ms);
    }
  }
  return day;
}

}  // namespace

Literal literal_of(TimeSource source) {
  switch (source) {
    case TimeSource::kGnss: return "gnss";
    case TimeSource::kRtc: return "rtc";
    case TimeSource::kTls: return "tls";
    case TimeSource::kSigned: return "signed";
  }
  return "unknown";
}

struct TrustedTime::State {
  explicit State(const Clock& system_clock) : clock(system_clock) {}
  const Clock& clock;
  Guarded<Knowledge> knowledge;
};

TrustedTime::TrustedTime(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrustedTime::~TrustedTime() = default;

Result<std::unique_ptr<TrustedTime>> TrustedTime::load(const Store& store, const Clock& clock,
                                                       std::int64_t build_day) {
  TRY(const std::optional<std::string> stored, store.state(kModule, kFloorKey));
  std::int64_t stored_day = 0;
  if (stored) {
    const char* const end = stored->data() + stored->size();
    const auto parsed = std::from_chars(stored->data(), end, stored_day);
    if (parsed.ec != std::errc{} || parsed.ptr != end || stored_day < 0 ||
        stored_day > day_of(kUnixMsMax)) {
      return fail(ErrorCode::kMalformed, "clock: the stored floor is not a day");
    }
  }
  auto state = std::make_unique<State>(clock);
  state->knowledge.with([&](Knowledge& knowledge) {
    knowledge.stored_floor_day = stored_day;
    knowledge.floor_day = std::max(build_day, stored_day);
  });
  return std::unique_ptr<TrustedTime>(new TrustedTime(std::move(state)));
}

void TrustedTime::observe(TimeSource source, std::int64_t unix_ms) {
  if (unix_ms < 0 || unix_ms > kUnixMsMax) return;
  const Observation observation{unix_ms, state_->clock.monotonic_ms()};
  state_->knowledge.with([&](Knowledge& knowledge) {
    knowledge.observations[static_cast<std::size_t>(source)] = observation;
  });
}

void TrustedTime::raise_floor(std::int64_t unix_day) {
  unix_day = std::min(unix_day, day_of(kUnixMsMax));
  state_->knowledge.with(
      [&](Knowledge& knowledge) { knowledge.floor_day = std::max(knowledge.floor_day, unix_day); });
}

const Clock& TrustedTime::clock() const { return state_->clock; }

bool TrustedTime::confirmed() const {
  return state_->knowledge.with([this](const Knowledge& knowledge) {
    return confirmed_day(knowledge, state_->clock).has_value();
  });
}

std::int64_t TrustedTime::day() const {
  return state_->knowledge.with([this](const Knowledge& knowledge) {
    const auto day = confirmed_day(knowledge, state_->clock);
    return day ? *day : std::max(day_of(state_->clock.wall_ms()), knowledge.floor_day);
  });
}

std::optional<std::int64_t> TrustedTime::plausible_day() const {
  return state_->knowledge.with([this](const Knowledge& knowledge) -> std::optional<std::int64_t> {
    if (const auto day = confirmed_day(knowledge, state_->clock)) return day;
    const std::int64_t day = day_of(state_->clock.wall_ms());
    const bool plausible =
        day >= knowledge.floor_day && day <= knowledge.floor_day + kClockAheadDaysMax;
    return plausible ? std::optional(day) : std::nullopt;
  });
}

std::int64_t TrustedTime::floor_day() const {
  return state_->knowledge.with([](const Knowledge& knowledge) { return knowledge.floor_day; });
}

std::int64_t TrustedTime::tls_time_ms() const {
  return std::max(state_->clock.wall_ms(), floor_day() * kMsPerDay);
}

void TrustedTime::take_changes(std::vector<StateEntry>& out) {
  state_->knowledge.with([&](Knowledge& knowledge) {
    if (const auto day = confirmed_day(knowledge, state_->clock)) {
      knowledge.floor_day = std::max(knowledge.floor_day, *day);
    }
    if (knowledge.floor_day == knowledge.stored_floor_day) return;
    out.push_back({kModule, std::string(kFloorKey), std::to_string(knowledge.floor_day)});
    knowledge.stored_floor_day = knowledge.floor_day;
  });
}

}  // namespace sudare
