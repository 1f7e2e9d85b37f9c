// What may happen to each class of personal data: the heart of the product, one row per class. The
// policy check asks here and nowhere else; docs/policy.md shows the same table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/policy/policy.h"

namespace sudare {

// Who may receive a class as it is.
enum class Unchanged : std::uint8_t {
  kAnyone,   // any purpose whose ceiling allows the class
  kTrusted,  // essential purposes, and those whose audience is the owner or evidence
  kNobody,
};

// What makes a class fit for a service.
enum class Minimiser : std::uint8_t {
  kNone,          // nothing does
  kAsItIs,        // it may stay as it is
  kLocation,      // the release's location rule, which it needs
  kTime,          // the release's time rule, which it needs
  kCoarsen,       // coarsen, with a step of at least `step`
  kPseudonymize,  // pseudonymize
  kGeneralize,    // generalize or pseudonymize
};

// What a step of kCoarsen is measured in.
enum class Quantity : std::uint8_t {
  kPlain,
  kMeters,
  kKilometersPerHour,
  kDegrees,
  kPercent,
  kSeconds,  // also where the field has no unit
};

inline constexpr double kNever = -1;

struct ClassRule {
  v1::PersonalClass personal;
  Unchanged unchanged;
  Minimiser minimiser;
  Quantity quantity;
  double step;         // least step of kCoarsen
  double beside_step;  // least step in a purpose that also receives a cell; kNever: not at all
  bool needs_allow;    // must stand in the purpose's `ceiling { allow }`
};

// Every value of PersonalClass but UNCLASSED has a row.
[[nodiscard]] const ClassRule& rule_of(v1::PersonalClass personal);

// Whether a purpose counts as trusted (kTrusted).
[[nodiscard]] bool is_trusted(const v1::Purpose& purpose);

// `step` in the quantity's base unit (m, km/h, degrees, %, s); nothing where `unit` is no unit of
// it.
[[nodiscard]] std::optional<double> in_base_unit(Quantity quantity, double step, v1::Unit unit);

// What an author can do about a class that may not leave as written: "coarsen { step: ... }".
[[nodiscard]] std::string advice_for(const ClassRule& rule, bool beside);

// Whether a cell of side `a` says no more than one of side `b`: the same, or made of whole cells of
// it. M2000 and M5000 are incomparable: their intersections are 1 km strips.
[[nodiscard]] bool no_finer(v1::Cell a, v1::Cell b);

}  // namespace sudare
