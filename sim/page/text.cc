#include "sim/page/text.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace sudare::sim {

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return result;
}

std::string decimal(double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(value * scale) / scale + 0.0;  // +0: no "-0.0"
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, rounded);
  return text;
}

std::string grouped(double value, int decimals) {
  std::string text = decimal(value, decimals);
  std::size_t place = std::min(text.find('.'), text.size());
  const std::size_t first = text.front() == '-' ? 1 : 0;
  for (; std::isfinite(value) && place > first + 3; place -= 3) text.insert(place - 3, 1, ',');
  return text;
}

std::string percent(double share) {
  const double value = share * 100;
  return decimal(value, std::abs(value) >= 99.95 ? 0 : 1) + " %";
}

std::string meters(double value) {
  return value >= 1000 ? decimal(value / 1000, 1) + " km" : decimal(value, 0) + " m";
}

std::string seconds(double value) {
  return value >= 120 ? decimal(value / 60, 0) + " min" : decimal(value, 0) + " s";
}

std::string with_unit(double value, const std::string& unit) {
  if (!std::isfinite(value)) return "–";
  if (unit == "%") return percent(value);
  if (unit == "m") return meters(value);
  const std::string number = decimal(value, std::abs(value) < 10 ? 2 : std::abs(value) < 100);
  return unit.empty() ? number : number + " " + unit;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
  }
  return count;
}

std::string left(std::string text, std::size_t width) {
  const std::size_t used = columns(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t used = columns(text);
  return used < width ? std::string(width - used, ' ') + text : text;
}

void append(std::string& text, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  const int bytes = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  const std::size_t before = text.size();
  // One more, for the zero that is taken away again.
  text.resize(before + static_cast<std::size_t>(std::max(bytes, 0)) + 1);
  std::vsnprintf(text.data() + before, text.size() - before, format, again);
  va_end(again);
  text.pop_back();
}

}  // namespace sudare::sim
