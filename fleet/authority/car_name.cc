#include "fleet/authority/car_name.h"

#include <cctype>

#include "gateway/detect/narrow.h"
#include "gateway/detect/vin.h"

namespace sudare {
namespace {

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : narrow(text).text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) != 0 || c == '-') continue;
    out += static_cast<char>(std::toupper(byte));
  }
  return out;
}

std::string named(const char* kind, const std::string& text) {
  return text.empty() ? std::string() : kind + text;
}

}  // namespace

std::string vin_name(std::string_view text) {
  const auto vin = parse_vin(text);
  return named("vin:", vin ? std::string(vin->text.begin(), vin->text.end()) : plain(text));
}

std::string frame_name(std::string_view text) { return named("frame:", plain(text)); }

std::vector<std::string> names_of(const CarIdentity& identity) {
  std::vector<std::string> names;
  for (std::string name : {vin_name(identity.vin), frame_name(identity.frame_number)}) {
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace sudare
