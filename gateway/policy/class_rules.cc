#include "gateway/policy/class_rules.h"

#include <array>
#include <cmath>

namespace sudare {
namespace {

using enum Minimiser;
using enum Unchanged;
using enum Quantity;

// The steps: 2 km of odometer or trip distance beside a cell, because every hold-back scheme tried
// lost 73 to 91 % of homes beside a finer one (privacy.md); 5 % of charge is about 2 km of a small
// plug-in hybrid; 5 km/h and an octant are what an unlinkable probe needs; 60 s of a duration,
// which is the difference of two times, is the bucket that times need.
// clang-format off
constexpr std::array kRules = {
    //         class              unchanged   minimiser      steps in            alone  beside  allow
    ClassRule{v1::NOT_PERSONAL,   kAnyone,    kAsItIs,       kPlain,             0,     0,      false},

    // Where the car is or was.
    ClassRule{v1::LATITUDE,       kTrusted,   kLocation,     kPlain,             0,     0,      false},
    ClassRule{v1::LONGITUDE,      kTrusted,   kLocation,     kPlain,             0,     0,      false},
    ClassRule{v1::HEADING,        kTrusted,   kCoarsen,      kDegrees,           45,    45,     false},
    ClassRule{v1::SPEED,          kTrusted,   kCoarsen,      kKilometersPerHour, 5,     5,      false},
    ClassRule{v1::ROAD_LINK,      kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::PLACE_NAME,     kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::DEALER,         kTrusted,   kPseudonymize, kPlain,             0,     kNever, true},
    ClassRule{v1::NMEA_SENTENCE,  kTrusted,   kNone,         kPlain,             0,     kNever, true},

    // Side channels of position.
    ClassRule{v1::ALTITUDE,       kTrusted,   kCoarsen,      kMeters,            100,   kNever, true},
    ClassRule{v1::ODOMETER,       kTrusted,   kCoarsen,      kMeters,            1000,  2000,   true},
    ClassRule{v1::TRIP_DISTANCE,  kTrusted,   kCoarsen,      kMeters,            1000,  2000,   true},
    ClassRule{v1::ENERGY,         kTrusted,   kCoarsen,      kPercent,           1,     5,      true},
    ClassRule{v1::RADIO_ID,       kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::AMBIENT,        kTrusted,   kCoarsen,      kPlain,             1,     5,      true},

    // When.
    ClassRule{v1::TIMESTAMP,      kTrusted,   kTime,         kPlain,             0,     0,      false},
    ClassRule{v1::DURATION,       kTrusted,   kCoarsen,      kSeconds,           60,    60,     false},

    // Who, and which car.
    ClassRule{v1::VIN,            kTrusted,   kGeneralize,   kPlain,             0,     0,      true},
    ClassRule{v1::FRAME_NUMBER,   kTrusted,   kGeneralize,   kPlain,             0,     0,      true},
    ClassRule{v1::TERMINAL_ID,    kTrusted,   kPseudonymize, kPlain,             0,     0,      true},
    ClassRule{v1::DEVICE_SERIAL,  kTrusted,   kPseudonymize, kPlain,             0,     0,      true},
    ClassRule{v1::EMAIL,          kNobody,    kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::PERSON_NAME,    kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::PHONE,          kTrusted,   kPseudonymize, kPlain,             0,     0,      true},
    ClassRule{v1::PLATE,          kTrusted,   kPseudonymize, kPlain,             0,     0,      true},
    ClassRule{v1::ACCOUNT_ID,     kTrusted,   kPseudonymize, kPlain,             0,     0,      true},
    ClassRule{v1::FREE_TEXT,      kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::SECRET,         kNobody,    kNone,         kPlain,             0,     kNever, true},

    // What the driver does, and the recorder's film.
    ClassRule{v1::BEHAVIOUR,      kAnyone,    kAsItIs,       kPlain,             0,     0,      true},
    ClassRule{v1::VIDEO,          kTrusted,   kNone,         kPlain,             0,     kNever, true},
    ClassRule{v1::AUDIO,          kTrusted,   kNone,         kPlain,             0,     kNever, true},
};
// clang-format on

// A class that a newer schema has and this program doesn't know.
constexpr ClassRule kUnknownClass{v1::UNCLASSED, kNobody, kNone, kPlain, 0, kNever, true};

std::string number(double value) { return std::to_string(std::llround(value)); }

std::string step_advice(Quantity quantity, double step) {
  switch (quantity) {
    case kMeters: return number(step) + " m";
    case kKilometersPerHour: return number(step) + " km/h";
    case kDegrees: return number(step) + " degrees";
    case kPercent: return number(step) + " %";
    case kSeconds: return number(step) + " s";
    case kPlain: return step > 0 ? number(step) : "any size";
  }
  return "";
}

}  // namespace

const ClassRule& rule_of(v1::PersonalClass personal) {
  for (const ClassRule& rule : kRules) {
    if (rule.personal == personal) return rule;
  }
  return kUnknownClass;
}

bool is_trusted(const v1::Purpose& purpose) {
  return purpose.essential() || purpose.audience() == v1::Purpose::OWNER ||
         purpose.audience() == v1::Purpose::EVIDENCE;
}

std::optional<double> in_base_unit(Quantity quantity, double step, v1::Unit unit) {
  switch (quantity) {
    case kPlain: return step;
    case kMeters:
      if (unit == v1::METERS) return step;
      if (unit == v1::KILOMETERS) return step * 1000;
      return std::nullopt;
    case kKilometersPerHour:
      if (unit == v1::KM_PER_HOUR) return step;
      if (unit == v1::METERS_PER_SECOND) return step * 3.6;
      return std::nullopt;
    case kDegrees:
      if (unit == v1::DEGREES) return step;
      if (unit == v1::DEGREES_E6) return step * 1e-6;
      if (unit == v1::DEGREES_E7) return step * 1e-7;
      return std::nullopt;
    case kPercent: return unit == v1::PERCENT ? std::optional<double>(step) : std::nullopt;
    case kSeconds:
      if (unit == v1::SECONDS || unit == v1::UNIT_UNSPECIFIED) return step;
      if (unit == v1::MILLISECONDS) return step / 1000;
      return std::nullopt;
  }
  return std::nullopt;
}

std::string advice_for(const ClassRule& rule, bool beside) {
  const std::string elsewhere = "release it to a purpose that receives no position";
  if (beside && rule.beside_step == kNever) return elsewhere;
  const double step = beside ? rule.beside_step : rule.step;
  switch (rule.minimiser) {
    case kAsItIs: return "";
    case kLocation: return "give the release a location rule";
    case kTime: return "give the release a time rule";
    case kCoarsen:
      return "write coarsen { step: ... } with a step of at least " +
             step_advice(rule.quantity, step) + (beside ? ", or " + elsewhere : "");
    case kPseudonymize: return "write pseudonymize {}, or leave the field out";
    case kGeneralize: return "write generalize {} or pseudonymize {}, or leave the field out";
    case kNone: break;
  }
  return rule.unchanged == kNobody ? "leave the field out"
                                   : "leave the field out; only essential purposes and those whose "
                                     "audience is OWNER or EVIDENCE may receive it";
}

bool no_finer(v1::Cell a, v1::Cell b) {
  const bool strips = (a == v1::M5000 && b == v1::M2000) || (a == v1::M2000 && b == v1::M5000);
  return a >= b && !strips;
}

}  // namespace sudare
