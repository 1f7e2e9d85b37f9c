// How many records a purpose has sent in the current epoch: the number of its next one. Persisted
// in the commit that seals them, so that numbers neither repeat nor jump across a restart.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/store/store.h"

namespace sudare {

struct RecordNumbers {
  std::uint64_t generation = 0;  // Epochs::generation(): numbers of a former owner do not go on
  std::uint32_t epoch = 0;
  std::uint64_t next = 0;
  // Records were sent, and the end of the epoch is to be told.
  bool tell_end = false;

  friend bool operator==(const RecordNumbers&, const RecordNumbers&) = default;
};

// By purpose and rotation length: a purpose that changes its rotation and changes back within an
// epoch must not number two records alike.
[[nodiscard]] std::string record_numbers_key(std::string_view purpose, std::uint16_t rotation_days);

// The last numbers of every purpose that this store has seen. kMalformed: damaged.
Result<std::map<std::string, RecordNumbers>> load_record_numbers(const Store& store);

[[nodiscard]] StateEntry record_numbers_entry(const std::string& key, const RecordNumbers& numbers);

}  // namespace sudare
