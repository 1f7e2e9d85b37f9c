// What cars say beside the rig's numbered JSON: positions and emergencies, numbered too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sudare/v1/batch.pb.h"

namespace sudare::faults {

inline constexpr const char* kJsonTopic = "test/json";
inline constexpr const char* kUrgentTopic = "test/urgent";

struct NumberedMessage {
  std::string topic;
  std::string payload;
};

// The kind of message follows from its number: urgent JSON, a position, or JSON.
[[nodiscard]] bool is_urgent(std::uint64_t number);
[[nodiscard]] NumberedMessage numbered_message(std::uint64_t number);
// The number in what was released of it.
[[nodiscard]] std::optional<std::uint64_t> number_of(const v1::Record& record);

// canaries_in() of a disk: most of it is zeros, which are passed over.
[[nodiscard]] std::uint64_t canaries_on_disk(std::string_view bytes);

}  // namespace sudare::faults
