// A vocabulary for tests of the policy reader. In a text, "^" marks the token at which the refusal
// must be reported.
#pragma once

#include <string>

#include "gateway/policy/load.h"

namespace sudare::policy_test {

// A public key that nobody has the private key of; another one for each number.
std::string recipient(int number);

// Four purposes that are right: "service" (rotates), "anonymous" (no pseudonym), "owner" and
// "rescue" (essential), with recipients 1 to 4.
std::string purposes();

// A policy of these purposes and `sources`.
std::string with_sources(const std::string& sources);

// A JSON source whose one release goes to `purpose`: `rules` are its fields and rules, `classes`
// what classes them. Has a time rule that fits unless `rules` has one.
std::string json_source(const std::string& classes, const std::string& purpose,
                        const std::string& rules);

// `text` with its one occurrence of `from` replaced.
std::string replaced(const std::string& text, const std::string& from, const std::string& to);

// Loads it with the vehicle's messages; the marker must not be in it.
PolicyLoad load(const std::string& text, const CeilingPlan* ceiling = nullptr);

// Fails the test unless the policy loads without an error.
void expect_accepted(const std::string& text, const CeilingPlan* ceiling = nullptr);

// Fails the test unless it is refused for a reason that contains `reason`, at the marker, with a
// hint.
void expect_refused(const std::string& text, const std::string& reason,
                    const CeilingPlan* ceiling = nullptr);

// All of them, as a program would print them.
std::string printed(const Diagnostics& diagnostics);

}  // namespace sudare::policy_test
