// Messages that fill a queue: with words that a policy releases and that do not compress to
// nothing.
#pragma once

#include <cstdint>
#include <string>

namespace sudare::faults {

// The first `from` after `mark` becomes `to`; throws std::runtime_error where there is none.
void replace_after(std::string& text, const std::string& mark, const std::string& from,
                   const std::string& to);
// The policy of testkit::Unit releases the words of a topic, too.
void release_words(std::string& policy, const std::string& topic);

// As numbered_json(), and 12 kB of words: some 5 kB when sealed.
std::string wordy_payload(std::uint64_t number);

}  // namespace sudare::faults
