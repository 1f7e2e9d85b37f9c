// Vehicle identifiers reduced to what many cars share.
#pragma once

#include <string>
#include <string_view>

#include "sudare/v1/privacy.pb.h"

namespace sudare {

// Appends
//   for a VIN           characters 1 to 8 (maker, model), "*" for the check digit, character 10
//                       (model year): "JTDKN3DU*A", the form in which the public decoder of the US
//                       NHTSA takes an incomplete VIN; never plant or serial number
//   for a frame number  its type code: "ZVW30"
// False, and nothing appended, for text that is neither (a stamped frame number has no type), and
// for classes other than VIN and FRAME_NUMBER. Cars for Japan carry one or the other, so either
// class takes both. A rare model stays rare: this is no pseudonym. Pure; any thread.
[[nodiscard]] bool generalize(v1::PersonalClass personal, std::string_view value, std::string& out);

}  // namespace sudare
