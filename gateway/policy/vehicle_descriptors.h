// The messages of proto/sudare/vehicle/v1 as a FileDescriptorSet, without privacy.proto, which they
// import. Descriptors alone: their C++ classes, which the gateway has no use for, would be ten
// times the bytes.
#pragma once

#include <string_view>

namespace sudare {

[[nodiscard]] std::string_view vehicle_descriptors();

}  // namespace sudare
