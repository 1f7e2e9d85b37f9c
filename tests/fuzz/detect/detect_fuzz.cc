// Any bytes as text: every place that is reported lies in it, and the parsers behind generalising
// take it or leave it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/detect/detector.h"
#include "gateway/detect/frame_number.h"
#include "gateway/detect/vin.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  unsigned classes = 0;
  sudare::detect_each(text, [&](const sudare::Detection& one) {
    classes |= static_cast<unsigned>(one.what);
    const bool inside = one.offset <= text.size() && one.length <= text.size() - one.offset;
    if (!inside || one.length == 0 || !(one.confidence > 0 && one.confidence <= 1)) std::abort();
  });
  if (classes != sudare::detect_in(text)) std::abort();
  if (const auto vin = sudare::parse_vin(text)) {
    (void)sudare::vin_check_digit_holds(*vin);
    (void)sudare::vin_maker(*vin);
    (void)sudare::vin_model_year(*vin);
  }
  const auto frame = sudare::parse_frame_number(text);
  if (frame && frame->serial.empty()) std::abort();
  return 0;
}
