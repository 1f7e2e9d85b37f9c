// Topics as a policy writes them: "tesla/{vin}/v/Location", "metrics/{path...}". Part of the policy
// reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/policy/findings.h"
#include "gateway/policy/policy.h"

namespace sudare {

// The levels of `topic`, without classes. Empty where it is malformed; the reason is reported at
// `where`.
[[nodiscard]] std::vector<TopicLevel> parse_topic(const std::string& topic,
                                                  const std::string& where, Findings& findings);

// The MQTT subscription that covers them: "tesla/+/v/Location", "metrics/#".
[[nodiscard]] std::string filter_of(const std::vector<TopicLevel>& levels);

// Whether a topic exists that both match.
[[nodiscard]] bool overlap(const std::vector<TopicLevel>& a, const std::vector<TopicLevel>& b);

// Whether the topic of a message matches. "{name...}" stands for at least one level.
[[nodiscard]] bool matches(const std::vector<TopicLevel>& levels, std::string_view topic);

}  // namespace sudare
