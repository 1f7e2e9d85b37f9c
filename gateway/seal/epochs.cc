#include "gateway/seal/epochs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "crypto/identity/encoding.h"

namespace sudare {
namespace {

constexpr Literal kModule = kChainsModule;
constexpr std::string_view kGenerationKey = "generation";
// Key: the rotation length in digits. Value: the day on which the chain's epoch began, in digits,
// by TrustedTime::day(), confirmed or not. Says nothing of the car.
constexpr Literal kSinceModule = "epochs_since";

// A chain's value in the store: u32 epoch ‖ chain key. Its key is the rotation length in digits.
constexpr std::size_t kEpochBytes = 4;
constexpr std::size_t kChainValueBytes = kEpochBytes + ChainKey::size();
constexpr std::size_t kGenerationBytes = 8;

// 9999-12-31: epochs of days up to here fit 32 bits.
constexpr std::int64_t kUnixDayMax = 2'932'896;

constexpr std::array<std::uint16_t, kRotationDays.size() + 1> all_rotations() {
  std::array<std::uint16_t, kRotationDays.size() + 1> all{kUntilTransfer};
  for (std::size_t i = 0; i < kRotationDays.size(); ++i) all[i + 1] = kRotationDays[i];
  return all;
}
constexpr auto kAllRotations = all_rotations();
constexpr std::size_t kNoChain = kAllRotations.size();

template <class Integer>
Integer read_big_endian(std::string_view bytes) {
  Integer value = 0;
  for (const char byte : bytes.substr(0, sizeof value)) {
    value = static_cast<Integer>(value << 8 | static_cast<std::uint8_t>(byte));
  }
  return value;
}

StateEntry chain_entry(std::uint16_t rotation_days, std::uint32_t epoch, const ChainKey& key) {
  StateEntry entry{kModule, std::to_string(rotation_days), {}};
  entry.value.reserve(kChainValueBytes);  // grows no copy that would be left behind
  append_big_endian(entry.value, epoch);
  append(entry.value, key.bytes());
  return entry;
}

// Damaged is what is later than any day's: steps from there would count past 32 bits.
std::uint32_t last_epoch(std::uint16_t rotation_days) {
  if (rotation_days == kUntilTransfer) return std::numeric_limits<std::uint32_t>::max();
  return epoch_of_day(rotation_days, kUnixDayMax);
}

struct Position {
  std::uint32_t epoch = 0;
  ChainKey key;
};

struct Chain {
  Position now;
  std::uint32_t epoch_max = 0;             // of this boot
  std::optional<Position> next;            // computed by advance()
  std::optional<std::int64_t> since_day;   // as on disk
  std::optional<std::int64_t> next_since;  // by advance()
};

StateEntry since_entry(std::uint16_t rotation_days, std::int64_t day) {
  return {kSinceModule, std::to_string(rotation_days), std::to_string(day)};
}

// Nothing where there is none, from versions that knew none, or it is damaged: it begins anew.
Result<std::optional<std::int64_t>> load_since(const Store& store, std::uint16_t rotation_days) {
  std::optional<std::int64_t> since;
  TRY(const std::optional<std::string> value,
      store.state(kSinceModule, std::to_string(rotation_days)));
  if (!value) return since;
  std::int64_t day = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, day);
  if (parsed.ec == std::errc{} && parsed.ptr == end && day >= 0 && day <= kUnixDayMax) since = day;
  return since;
}

struct PurposeState {
  std::size_t chain = kNoChain;
  std::optional<EpochKey> key;
};

Result<Chain> load_chain(const Store& store, std::uint16_t rotation_days) {
  TRY(std::optional<std::string> value, store.state(kModule, std::to_string(rotation_days)));
  if (!value) return fail(ErrorCode::kNotFound, "epochs: not provisioned", rotation_days);
  Chain chain;
  const bool well_formed = value->size() == kChainValueBytes &&
                           read_big_endian<std::uint32_t>(*value) <= last_epoch(rotation_days);
  if (well_formed) {
    chain.now.epoch = read_big_endian<std::uint32_t>(*value);
    chain.epoch_max = chain.now.epoch;
    if (rotation_days != kUntilTransfer) {
      chain.epoch_max += static_cast<std::uint32_t>(
          std::max<std::int64_t>(1, kEpochDaysPerBootMax / rotation_days));
    }
    chain.now.key = ChainKey::from(bytes_of(*value).subspan<kEpochBytes, ChainKey::size()>());
  }
  wipe({reinterpret_cast<std::uint8_t*>(value->data()), value->size()});
  if (!well_formed) {
    return fail(ErrorCode::kMalformed, "epochs: a stored chain is damaged", rotation_days);
  }
  TRY(chain.since_day, load_since(store, rotation_days));
  return chain;
}

std::size_t chain_of(const PurposePlan& purpose) {
  if (purpose.pseudonym == PseudonymKind::kNone) return kNoChain;
  const std::uint16_t rotation_days =
      purpose.pseudonym == PseudonymKind::kRotate ? purpose.rotate_days : kUntilTransfer;
  const auto* const found = std::find(kAllRotations.begin(), kAllRotations.end(), rotation_days);
  return static_cast<std::size_t>(found - kAllRotations.begin());
}

}  // namespace

struct Epochs::State {
  explicit State(const TrustedTime& trusted_time)
      : time(trusted_time), start_ms(trusted_time.clock().monotonic_ms()) {}

  [[nodiscard]] static std::int64_t bounded(std::int64_t day) {
    return std::clamp<std::int64_t>(day, 0, kUnixDayMax);
  }
  // The epoch at which a chain should stand now. `day`: as far as it is known.
  [[nodiscard]] std::uint32_t wanted(std::size_t index, std::optional<std::int64_t> day,
                                     bool confirmed) const {
    const Chain& chain = chains[index];
    const std::uint16_t rotation = kAllRotations[index];
    if (rotation == kUntilTransfer || !day) return chain.now.epoch;
    const std::uint32_t last = std::min(chain.epoch_max, last_epoch(rotation));
    const std::uint32_t epoch = epoch_of_day(rotation, bounded(*day));
    if (!confirmed) {
      // One at a time, and none that this clock has not reached: it may be wrong, and a chain never
      // goes back.
      const bool overdue = chain.since_day && epoch > chain.now.epoch &&
                           bounded(*day) - *chain.since_day >= epoch_days_max(rotation);
      return std::min(chain.now.epoch + (overdue ? 1U : 0U), last);
    }
    const std::int64_t waited_days = epoch_days_max(rotation) - rotation;
    const bool overdue = epoch_of_day(rotation, bounded(*day - waited_days)) > chain.now.epoch;
    if (!overdue && is_driven()) return chain.now.epoch;
    return std::clamp(epoch, chain.now.epoch, last);
  }
  [[nodiscard]] bool is_driven() const {
    const bool grace = time.clock().monotonic_ms() - start_ms < kStartGraceMs;
    return driving.value_or(grace);
  }
  // A clock that was set back begins the count anew: the epoch must not last until it is there
  // again.
  void keep_since(std::size_t index, std::optional<std::int64_t> day,
                  std::vector<StateEntry>& out) {
    Chain& chain = chains[index];
    chain.next_since.reset();
    if (kAllRotations[index] == kUntilTransfer || !day) return;
    const bool kept = chain.since_day && *chain.since_day <= bounded(*day);
    if (kept && !chain.next) return;
    chain.next_since = bounded(*day);
    out.push_back(since_entry(kAllRotations[index], bounded(*day)));
  }

  void derive_keys() {
    for (std::size_t i = 0; i < purposes.size(); ++i) {
      PurposeState& purpose = purposes[i];
      purpose.key.reset();
      if (purpose.chain == kNoChain) continue;
      const Position& at = chains[purpose.chain].now;
      // Fails only for a name that no policy has; without a key nothing of it is sealed.
      auto key =
          epoch_key(at.key, policy->purposes[i].name, kAllRotations[purpose.chain], at.epoch);
      if (key) purpose.key = std::move(*key);
    }
  }

  const TrustedTime& time;
  const Policy* policy = nullptr;
  std::array<Chain, kAllRotations.size()> chains;
  std::vector<PurposeState> purposes;  // by PurposeIndex
  std::uint64_t generation = 0;
  std::int64_t start_ms;        // monotonic
  std::optional<bool> driving;  // nothing: not told yet
};

Epochs::Epochs(std::unique_ptr<State> state) : state_(std::move(state)) {}
Epochs::~Epochs() = default;

Result<std::unique_ptr<Epochs>> Epochs::load(const Store& store, const TrustedTime& time,
                                             const Policy& policy) {
  auto state = std::make_unique<State>(time);
  TRY(const std::optional<std::string> generation, store.state(kModule, kGenerationKey));
  if (!generation) return fail(ErrorCode::kNotFound, "epochs: not provisioned");
  if (generation->size() != kGenerationBytes) {
    return fail(ErrorCode::kMalformed, "epochs: the stored generation is damaged");
  }
  state->generation = read_big_endian<std::uint64_t>(*generation);
  for (std::size_t i = 0; i < kAllRotations.size(); ++i) {
    TRY(state->chains[i], load_chain(store, kAllRotations[i]));
  }
  std::unique_ptr<Epochs> epochs(new Epochs(std::move(state)));
  epochs->use_policy(policy);
  return epochs;
}

Result<RootKey> Epochs::provision(std::int64_t unix_day, std::vector<StateEntry>& out) {
  return provision_next_owner(unix_day, 0, out);
}

Result<std::uint32_t> Epochs::transfers(const std::vector<StateEntry>& entries) {
  const std::string key = std::to_string(kUntilTransfer);
  for (const StateEntry& entry : entries) {
    if (entry.key != key) continue;
    if (entry.value.size() != kChainValueBytes) {
      return fail(ErrorCode::kMalformed, "epochs: a stored chain is damaged", kUntilTransfer);
    }
    return read_big_endian<std::uint32_t>(entry.value);
  }
  return fail(ErrorCode::kNotFound, "epochs: not provisioned");
}

Result<RootKey> Epochs::provision_next_owner(std::int64_t unix_day, std::uint32_t transfers,
                                             std::vector<StateEntry>& out) {
  if (unix_day < 0 || unix_day > kUnixDayMax) {
    return fail(ErrorCode::kMalformed, "provision: not a day", unix_day);
  }
  RootKey root;
  random_bytes(root.bytes());
  for (const std::uint16_t rotation_days : kAllRotations) {
    TRY(const ChainKey key, chain_start(root, rotation_days));
    const std::uint32_t epoch =
        rotation_days == kUntilTransfer ? transfers : epoch_of_day(rotation_days, unix_day);
    out.push_back(chain_entry(rotation_days, epoch, key));
    if (rotation_days != kUntilTransfer) out.push_back(since_entry(rotation_days, unix_day));
  }
  std::string generation;
  random_bytes(grow(generation, kGenerationBytes));
  out.push_back({kModule, std::string(kGenerationKey), std::move(generation)});
  return root;
}

void Epochs::driving(bool on) { state_->driving = on; }

bool Epochs::due() const {
  const bool confirmed = state_->time.confirmed();
  const std::optional<std::int64_t> day = state_->time.plausible_day();
  for (std::size_t i = 0; i < kAllRotations.size(); ++i) {
    if (state_->wanted(i, day, confirmed) != state_->chains[i].now.epoch) return true;
  }
  return false;
}

bool Epochs::ends(PurposeIndex purpose) const {
  const std::size_t chain = state_->purposes[purpose].chain;
  return chain != kNoChain && state_->chains[chain].next.has_value();
}

void Epochs::advance(std::vector<StateEntry>& out) {
  const bool confirmed = state_->time.confirmed();
  const std::optional<std::int64_t> day = state_->time.plausible_day();
  for (std::size_t i = 0; i < kAllRotations.size(); ++i) {
    Chain& chain = state_->chains[i];
    chain.next.reset();
    const std::uint32_t wanted = state_->wanted(i, day, confirmed);
    if (wanted != chain.now.epoch) {
      Position next{chain.now.epoch + 1, chain_step(chain.now.key)};
      for (; next.epoch < wanted; ++next.epoch) next.key = chain_step(next.key);
      out.push_back(chain_entry(kAllRotations[i], next.epoch, next.key));
      chain.next = std::move(next);
    }
    state_->keep_since(i, day, out);
  }
}

void Epochs::advanced() {
  bool changed = false;
  for (Chain& chain : state_->chains) {
    if (chain.next_since) chain.since_day = std::exchange(chain.next_since, {});
    if (!chain.next) continue;
    chain.now = std::move(*chain.next);
    chain.next.reset();
    changed = true;
  }
  if (changed) state_->derive_keys();
}

const EpochKey* Epochs::key(PurposeIndex purpose) const {
  const auto& key = state_->purposes[purpose].key;
  return key ? &*key : nullptr;
}

std::uint32_t Epochs::epoch(PurposeIndex purpose) const {
  const std::size_t chain = state_->purposes[purpose].chain;
  return chain == kNoChain ? 0 : state_->chains[chain].now.epoch;
}

const SecretBytes<32>* Epochs::field_key(PurposeIndex purpose) const {
  const auto& key = state_->purposes[purpose].key;
  return key ? &key->field_key : nullptr;
}

std::uint64_t Epochs::generation() const { return state_->generation; }

void Epochs::use_policy(const Policy& policy) {
  state_->policy = &policy;
  state_->purposes.clear();
  state_->purposes.resize(policy.purposes.size());
  for (std::size_t i = 0; i < policy.purposes.size(); ++i) {
    state_->purposes[i].chain = chain_of(policy.purposes[i]);
  }
  state_->derive_keys();
}

void wipe_values(std::vector<StateEntry>& entries) {
  for (StateEntry& entry : entries) {
    wipe({reinterpret_cast<std::uint8_t*>(entry.value.data()), entry.value.size()});
  }
}

}  // namespace sudare
