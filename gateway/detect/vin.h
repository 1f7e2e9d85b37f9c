// Vehicle identification numbers (ISO 3779): 17 characters, capital letters without I, O and Q, and
// digits. Characters 1–3 name the maker, 4–8 the model, 9 may be a check digit (North America and
// China; free elsewhere), 10 the model year, 11 the plant, 12–17 the serial number.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/literal.h"

namespace sudare {

inline constexpr std::size_t kVinLength = 17;
// Characters 4–8.
inline constexpr std::size_t kVinModelLength = 5;

struct Vin {
  std::array<char, kVinLength> text{};  // capital letters and digits
};

// The VIN that `text` is: in any case, full width, with spaces, "-", "_", "." or "/" between its
// characters. Nothing where it is no VIN. Doesn't say that such a car exists. Pure; any thread.
[[nodiscard]] std::optional<Vin> parse_vin(std::string_view text);

// What stands at position 9 where the maker uses check digits (49 CFR 565.15): '0'–'9' or 'X'.
[[nodiscard]] char vin_check_digit(const Vin& vin);
[[nodiscard]] bool vin_check_digit_holds(const Vin& vin);

// "Toyota", "Lexus", …; empty where the maker is not in our table of the larger ones. Never the
// plant, though the first three characters often tell it.
[[nodiscard]] Literal vin_maker(const Vin& vin);

// Characters 4–8: body, engine, series. Not the maker's own name of the model.
[[nodiscard]] std::array<char, kVinModelLength> vin_model(const Vin& vin);

// 2001 to 2030, the cycle of the code in which cars with a telematics unit fall; 0 where position
// 10 holds no year (many makers outside North America put something else there).
[[nodiscard]] int vin_model_year(const Vin& vin);

}  // namespace sudare
