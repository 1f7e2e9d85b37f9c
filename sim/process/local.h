// What brokers and gateways on this machine need before they are started: ports, files, keys in
// their policy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "sim/error.h"

namespace sudare::sim {

// A port that nobody uses at this moment.
[[nodiscard]] Parsed<std::uint16_t> free_port();

// Where this program lies: the others lie beside it.
[[nodiscard]] std::filesystem::path program_directory();

// The program, for Child::start().
[[nodiscard]] std::string mosquitto_program();

[[nodiscard]] Parsed<Done> write_text(const std::filesystem::path& file, const std::string& text);

void replace_all(std::string& text, const std::string& from, const std::string& to);

// A policy of deploy/ with a public key for each placeholder: ${CAR_FINDER_RECIPIENT} gets
// recipient_of("car-finder").
using RecipientOf = std::function<Parsed<std::string>(const std::string& purpose)>;
[[nodiscard]] Parsed<std::string> policy_with_recipients(const std::filesystem::path& file,
                                                         const RecipientOf& recipient_of);

}  // namespace sudare::sim
