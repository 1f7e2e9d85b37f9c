#include "gateway/seal/record_numbers.h"

#include "crypto/identity/encoding.h"

namespace sudare {
namespace {

constexpr Literal kModule = "records";

// u64 generation ‖ u32 epoch ‖ u64 next ‖ u8 tell_end
constexpr std::size_t kValueBytes = 8 + 4 + 8 + 1;

template <class Integer>
Integer take_big_endian(std::string_view& bytes) {
  Integer value = 0;
  for (const char byte : bytes.substr(0, sizeof value)) {
    value = static_cast<Integer>(value << 8 | static_cast<std::uint8_t>(byte));
  }
  bytes.remove_prefix(sizeof value);
  return value;
}

}  // namespace

std::string record_numbers_key(std::string_view purpose, std::uint16_t rotation_days) {
  return std::string(purpose) + '/' + std::to_string(rotation_days);
}

Result<std::map<std::string, RecordNumbers>> load_record_numbers(const Store& store) {
  TRY(const std::vector<StateEntry> entries, store.states(kModule));
  std::map<std::string, RecordNumbers> all;
  for (const StateEntry& entry : entries) {
    if (entry.value.size() != kValueBytes) {
      return fail(ErrorCode::kMalformed, "seal: stored record numbers are damaged");
    }
    std::string_view value = entry.value;
    RecordNumbers& numbers = all[entry.key];
    numbers.generation = take_big_endian<std::uint64_t>(value);
    numbers.epoch = take_big_endian<std::uint32_t>(value);
    numbers.next = take_big_endian<std::uint64_t>(value);
    numbers.tell_end = value[0] != 0;
  }
  return all;
}

StateEntry record_numbers_entry(const std::string& key, const RecordNumbers& numbers) {
  StateEntry entry{kModule, key, {}};
  append_big_endian(entry.value, numbers.generation);
  append_big_endian(entry.value, numbers.epoch);
  append_big_endian(entry.value, numbers.next);
  entry.value += numbers.tell_end ? '\1' : '\0';
  return entry;
}

}  // namespace sudare
