// The options of mosquitto.conf(5), as Mosquitto 2.0.11 reads them: which it knows, which it takes
// once, and which of them open the default listener.
#pragma once

#include <cstdint>
#include <string_view>

namespace sudare::doctor {

enum class BrokerOption : std::uint8_t {
  kUnknown,   // Mosquitto ends
  kGeneral,   // of the broker, and of no concern here
  kListener,  // of the listener above it, or of the default listener
  kPlugin,    // behind a `plugin`
  kBridge     // behind a `connection`
};

// Of those that mosquitto_config.cc does not read itself.
[[nodiscard]] BrokerOption kind_of(std::string_view name);

// Whether a second one for the same listener, or for all of them, ends Mosquitto.
[[nodiscard]] bool is_taken_once(std::string_view name);

// Whether anything but true, false, 1 and 0, as they are written here, ends Mosquitto. Of those
// that mosquitto_config.cc keeps no value of.
[[nodiscard]] bool is_boolean(std::string_view name);

// Whether the default listener opens because it has this option with this value (config__parse_args
// in Mosquitto's src/conf.c): most do with any but their default; a few never do.
[[nodiscard]] bool opens_default_listener(std::string_view name, std::string_view value);

}  // namespace sudare::doctor
