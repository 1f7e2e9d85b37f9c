// The hash by which a recipient sees that the rules for its purpose changed. Part of the policy
// reader.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/policy/draft.h"

namespace sudare {

// SHA-256 over the canonical form of everything that decides what `purpose` receives: its name,
// pseudonym, consent, ceiling, audience, and of each source that releases to it the topic, codec,
// message, time field and rules, with the class and unit of each field. Not in it: recipients,
// delivery (linger, sizes, priority), serial and dates, comments, the order in which things are
// written, and all other purposes. First 16 bytes.
[[nodiscard]] std::array<std::uint8_t, 16> slice_of(const PolicyDraft& draft,
                                                    const v1::Purpose& purpose);

}  // namespace sudare
