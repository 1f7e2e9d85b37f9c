// What a unit has after a power cut: its store, opened as the gateway opens it, and every row of
// the outbox, opened with the recipient's key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "crypto/bytes.h"
#include "crypto/open/identity.h"
#include "gateway/account.h"

namespace sudare::faults {

// By purpose.
using Keys = std::map<std::string, age::open_side::Identity>;

// In how many batches each number stands. A batch that comes twice counts once.
class Numbers {
 public:
  // An age file of the purpose; false where it does not open or is not what it should be.
  bool add(const Keys& keys, const std::string& purpose, ByteSpan file);
  [[nodiscard]] bool contains(std::uint64_t number) const { return counts_.contains(number); }
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& counts() const { return counts_; }

 private:
  std::set<std::string> batches_;  // their ids
  std::map<std::uint64_t, std::uint64_t> counts_;
};

struct Recovered {
  std::string problem;  // not empty: why it can't be read
  Account account;
  std::uint64_t rows = 0;
  std::uint64_t unopened = 0;  // of the rows
};

// `state` is a copy of the unit's state directory, and changed. Adds what the rows hold to
// `numbers`.
[[nodiscard]] Recovered recover(const std::filesystem::path& state, const Keys& keys,
                                Numbers& numbers);

}  // namespace sudare::faults
