#include "sim/fleet/reckoning.h"

#include <sodium.h>

#include <cstring>
#include <limits>

#include "sim/compare/expected.h"

namespace sudare::sim::fleet {

namespace {

// Of a purpose without pseudonym.
constexpr CarNumber kAnyCar = std::numeric_limits<CarNumber>::max();

template <class Integer>
void add_number(crypto_generichash_state& state, Integer value) {
  std::array<std::uint8_t, sizeof value> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  crypto_generichash_update(&state, bytes.data(), bytes.size());
}

void add_text(crypto_generichash_state& state, std::string_view text) {
  add_number(state, text.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                            text.size());
}

}  // namespace

std::size_t Reckoning::HashOf::operator()(const Hash& hash) const {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

PurposeReckoning& PurposeReckoning::operator+=(const PurposeReckoning& other) {
  expected += other.expected;
  opened += other.opened;
  lost += other.lost;
  duplicated += other.duplicated;
  altered += other.altered;
  foreign += other.foreign;
  return *this;
}

Reckoning::Reckoning(const Policy& policy, bool others)
    : policy_(policy), others_(others), unknown_(policy.purposes.size()) {
  random_bytes(key_.bytes());
  for (const PurposePlan& purpose : policy.purposes) {
    masked_.push_back(has_field_pseudonyms(policy, purpose.name));
  }
}

Reckoning::Hash Reckoning::hash_of(PurposeIndex purpose, CarNumber car,
                                   const ReckonedRecord& record) const {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.bytes().data(), key_.size(), sizeof(Hash));
  add_number(state, purpose);
  add_number(state, car);
  add_text(state, record.topic);
  add_number(state, record.time_ms);
  if (masked_[purpose]) {
    add_text(state, without_pseudonyms(std::string(record.payload)));
  } else {
    add_text(state, record.payload);
  }
  Hash hash{};
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

void Reckoning::expect(PurposeIndex purpose, CarNumber car, const ReckonedRecord& record) {
  const bool none = policy_.purposes[purpose].pseudonym == PseudonymKind::kNone;
  Times& times = times_[hash_of(purpose, none ? kAnyCar : car, record)];
  times.purpose = purpose;
  ++times.expected;
  ++outstanding_;
}

void Reckoning::opened(PurposeIndex purpose, std::string_view pseudonym,
                       const ReckonedRecord& record) {
  CarNumber car = kAnyCar;
  bool known = true;
  if (policy_.purposes[purpose].pseudonym != PseudonymKind::kNone) {
    Hash name{};
    std::memcpy(name.data(), pseudonym.data(), std::min(name.size(), pseudonym.size()));
    const auto found = cars_.find(name);
    known = pseudonym.size() == name.size() && found != cars_.end();
    if (known) car = found->second;
  }
  const bool sender_may_be_other = !known || car == kAnyCar;
  const auto times = known ? times_.find(hash_of(purpose, car, record)) : times_.end();
  if (times == times_.end()) {
    PurposeReckoning& unknown = unknown_[purpose];
    if (others_ && sender_may_be_other) {
      ++unknown.foreign;
    } else {
      ++unknown.altered;
    }
    return;
  }
  if (times->second.opened++ < times->second.expected) --outstanding_;
}

std::vector<PurposeReckoning> Reckoning::result() const {
  std::vector<PurposeReckoning> result = unknown_;
  for (const auto& [hash, times] : times_) {
    PurposeReckoning& purpose = result[times.purpose];
    purpose.expected += times.expected;
    purpose.opened += times.opened;
    if (times.expected > times.opened) purpose.lost += times.expected - times.opened;
    if (times.opened <= times.expected) continue;
    // Where a record names no car, one too many may be another process's.
    const bool none = policy_.purposes[times.purpose].pseudonym == PseudonymKind::kNone;
    const std::uint32_t more = times.opened - times.expected;
    if (others_ && none) {
      purpose.foreign += more;
      purpose.opened -= more;
    } else {
      purpose.duplicated += more;
    }
  }
  for (PurposeReckoning& purpose : result) purpose.opened += purpose.altered;
  return result;
}

}  // namespace sudare::sim::fleet
