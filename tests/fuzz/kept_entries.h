// Bytes as the state that a module finds in the store at a start, for targets of what it loads.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/fleet/memory_store.h"

namespace sudare::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// The part in front of `bytes` whose length the first byte says, or what there is of it.
inline std::string_view take_part(std::string_view& bytes) {
  const auto length = static_cast<std::uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  const std::string_view part = bytes.substr(0, length);
  bytes.remove_prefix(part.size());
  return part;
}

// Key and value, as often as they are there.
inline std::vector<StateEntry> entries_in(Literal module, std::string_view bytes) {
  std::vector<StateEntry> entries;
  while (!bytes.empty()) {
    const std::string_view key = take_part(bytes);
    if (bytes.empty()) break;
    entries.push_back({module, std::string(key), std::string(take_part(bytes))});
  }
  return entries;
}

class KeptStore {
 public:
  explicit KeptStore(std::vector<StateEntry> entries) { keep(std::move(entries)); }
  void keep(std::vector<StateEntry> entries) {
    CommitGroup group;
    group.state = std::move(entries);
    require(store_.commit(group).has_value());
  }
  [[nodiscard]] Store& store() { return store_; }

 private:
  sim::fleet::MemoryStore store_{1U << 20U};
};

}  // namespace sudare::fuzz
