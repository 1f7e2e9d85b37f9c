// Every record that a fleet's cars should have released against every record that was opened:
// lost, duplicated, altered. Holds no record, only keyed hashes with counts, so that a day of ten
// thousand cars fits; the key is random and forgotten with the run.
//
// A record is known by purpose, car, topic, time and payload. Purposes without pseudonym have no
// car: there two equal records of two cars are two of one kind. Which car a pseudonym is comes from
// its root, as the relink authority computes it, not from what the car sealed.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/identity/epoch_chain.h"
#include "crypto/secret_bytes.h"
#include "gateway/policy/policy.h"

namespace sudare::sim::fleet {

using CarNumber = std::uint32_t;

struct ReckonedRecord {
  std::string_view topic;
  std::int64_t time_ms = 0;
  std::string_view payload;
};

struct PurposeReckoning {
  std::uint64_t expected = 0;
  std::uint64_t opened = 0;      // without foreign ones
  std::uint64_t lost = 0;        // expected, not opened
  std::uint64_t duplicated = 0;  // opened more often than expected
  std::uint64_t altered = 0;     // opened, never expected in this form
  std::uint64_t foreign = 0;     // of no car of this process: only where others are expected

  PurposeReckoning& operator+=(const PurposeReckoning& other);
};

// One thread. A record must be expected before it is opened.
class Reckoning {
 public:
  // Keeps a reference to `policy`. `others`: other processes simulate parts of the fleet over the
  // same broker; what this one does not know is then foreign, not altered. Where a purpose has no
  // pseudonym, an equal record of theirs can then hide a loss of ours.
  Reckoning(const Policy& policy, bool others);

  // A pseudonym that a car has for some time of the run.
  void know(const Pseudonym& pseudonym, CarNumber car) { cars_[pseudonym] = car; }
  void expect(PurposeIndex purpose, CarNumber car, const ReckonedRecord& record);
  // `pseudonym`: 16 bytes; empty for a purpose without.
  void opened(PurposeIndex purpose, std::string_view pseudonym, const ReckonedRecord& record);

  // Expected and not opened yet.
  [[nodiscard]] std::uint64_t outstanding() const { return outstanding_; }
  // By PurposeIndex.
  [[nodiscard]] std::vector<PurposeReckoning> result() const;

 private:
  using Hash = std::array<std::uint8_t, 16>;
  struct HashOf {
    std::size_t operator()(const Hash& hash) const;
  };
  struct Times {
    PurposeIndex purpose = 0;
    std::uint32_t expected = 0;
    std::uint32_t opened = 0;
  };
  [[nodiscard]] Hash hash_of(PurposeIndex purpose, CarNumber car,
                             const ReckonedRecord& record) const;

  const Policy& policy_;
  bool others_;
  SecretBytes<32> key_;
  std::vector<bool> masked_;  // by PurposeIndex: its records hold field pseudonyms
  std::unordered_map<Hash, CarNumber, HashOf> cars_;
  std::unordered_map<Hash, Times, HashOf> times_;
  std::vector<PurposeReckoning> unknown_;  // altered and foreign only
  std::uint64_t outstanding_ = 0;
};

}  // namespace sudare::sim::fleet
