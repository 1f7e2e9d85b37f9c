#include "gateway/minimize/generalize.h"

#include "gateway/detect/frame_number.h"
#include "gateway/detect/vin.h"

namespace sudare {

bool generalize(v1::PersonalClass personal, std::string_view value, std::string& out) {
  if (personal != v1::VIN && personal != v1::FRAME_NUMBER) return false;
  if (const auto vin = parse_vin(value)) {
    out.append(vin->text.data(), 8);
    out += '*';
    out += vin->text[9];
    return true;
  }
  const auto frame = parse_frame_number(value);
  if (!frame || frame->type.empty()) return false;
  out.append(frame->type);
  return true;
}

}  // namespace sudare
