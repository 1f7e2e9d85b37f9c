// The single scanners behind detector.h. Each finds one kind of thing in plain, narrowed text
// (narrow.h) and reports every place. Pure; linear: what is read again around a candidate is
// bounded by a constant.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "gateway/detect/detector.h"

namespace sudare {

using Report =
    std::function<void(Detected what, std::size_t offset, std::size_t length, double confidence)>;

void scan_vin(std::string_view text, const Report& report);
void scan_frame_number(std::string_view text, const Report& report);
void scan_email(std::string_view text, const Report& report);
void scan_phone(std::string_view text, const Report& report);
void scan_coordinates(std::string_view text, const Report& report);
void scan_receiver_coordinates(std::string_view text, const Report& report);
void scan_nmea(std::string_view text, const Report& report);
void scan_private_key(std::string_view text, const Report& report);

}  // namespace sudare
