#include "gateway/pipeline_policy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "crypto/hkdf.h"
#include "gateway/config/config_reader.h"
#include "gateway/policy/operator_file.h"
#include "gateway/policy/signed_policy.h"

namespace sudare {
namespace {

constexpr Literal kModule = "policy";
constexpr std::string_view kSerialKey = "serial";
constexpr std::string_view kTextKey = "text";
// … and the purpose's name.
constexpr std::string_view kCertificatesKey = "certificates.";
constexpr std::string_view kGreatestKey = "greatest.";

bool any_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) return true;
  }
  return false;
}

void append(Diagnostics& all, Diagnostics more) {
  for (Diagnostic& one : more) all.push_back(std::move(one));
}

Result<std::uint64_t> parse_serial(std::string_view text) {
  std::uint64_t serial = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, serial);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    return fail(ErrorCode::kMalformed, "policy: a stored serial is damaged");
  }
  return serial;
}

// Kept when serials had no bound: nothing could follow. Two serials below it instead, so that both
// of them still can, and what is in force then is a floor as any other.
std::uint64_t bounded(std::uint64_t floor, std::uint64_t floor_max) {
  return floor > floor_max ? kSerialMax - 2 : floor;
}

// Of the first error.
void point_at_error(const Diagnostics& diagnostics, PolicyFiles::Offer& offer) {
  for (const Diagnostic& one : diagnostics) {
    if (one.severity() != DiagnosticSeverity::kError) continue;
    offer.line = one.line();
    offer.column = one.column();
    return;
  }
}

// kNone, or why it can't follow what was in force.
PolicyRefusal below_floors(const Policy& policy, std::string_view text, bool one_text_per_serial,
                           const PolicyFloors& floors) {
  if (policy.serial < floors.serial) return PolicyRefusal::kSuperseded;
  if (one_text_per_serial && policy.serial == floors.serial && !floors.text.empty() &&
      text_mark(text) != floors.text) {
    return PolicyRefusal::kOtherText;
  }
  for (const PurposePlan& purpose : policy.purposes) {
    const auto floor = floors.certificates.find(purpose.name);
    if (floor == floors.certificates.end()) continue;
    for (const CertifiedRecipient& one : purpose.certified) {
      if (one.serial < floor->second) return PolicyRefusal::kCertificates;
    }
  }
  return PolicyRefusal::kNone;
}

Diagnostic say(PolicyRefusal why, const std::string& file, const Policy& policy,
               const PolicyFloors& floors) {
  const std::string serial = "serial " + std::to_string(policy.serial);
  std::string text;
  std::string hint = "give the policy a serial that is not lower";
  if (why == PolicyRefusal::kSuperseded) {
    text = serial + " was superseded: serial " + std::to_string(floors.serial) +
           " was in force on this unit";
  } else if (why == PolicyRefusal::kOtherText) {
    text = "another policy with " + serial + " was in force on this unit";
    hint = "give the policy a larger serial, and sign it";
  } else {
    text = "a certificate in it is older than those that were in force on this unit";
    hint = "it was revoked; take the certificates of the newest policy";
  }
  return {ConfigReader::key(), DiagnosticSeverity::kError, file, 0, 0, std::move(text),
          std::move(hint)};
}

Diagnostic as_warning(const Diagnostic& one) {
  return {ConfigReader::key(), DiagnosticSeverity::kWarning,
          one.file(),          one.line(),
          one.column(),        one.text(),
          one.hint()};
}

Status sync_directory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::kIo, "policy: the state directory can't be opened", errno);
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (!synced) return fail(ErrorCode::kIo, "policy: the state directory can't be synced", error);
  return Done{};
}

// Those of `serials` that are above what is kept.
void keep_greater(const std::map<std::string, std::uint64_t>& serials,
                  const std::map<std::string, std::uint64_t>& kept, std::string_view key,
                  CommitGroup& group) {
  for (const auto& [purpose, serial] : serials) {
    const auto before = kept.find(purpose);
    if (before != kept.end() && before->second >= serial) continue;
    group.state.push_back({kModule, std::string(key) + purpose, std::to_string(serial)});
  }
}

// The certificates of one purpose in a policy that is in force; there is one at least.
void raise_floors(const PurposePlan& purpose, PolicyFloors& floors) {
  std::uint64_t lowest = purpose.certified.front().serial;
  std::uint64_t& greatest = floors.greatest[purpose.name];
  for (const CertifiedRecipient& one : purpose.certified) {
    lowest = std::min(lowest, one.serial);
    greatest = std::max(greatest, one.serial);
  }
  std::uint64_t& floor = floors.certificates[purpose.name];
  floor = std::max(floor, lowest);
}

bool has_certificates(const Policy& policy, const std::string& name) {
  return std::any_of(
      policy.purposes.begin(), policy.purposes.end(),
      [&name](const PurposePlan& one) { return one.name == name && !one.certified.empty(); });
}

}  // namespace

std::string text_mark(std::string_view file) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const Result<SignedPolicy> policy = read_signed_policy(file);
  std::array<std::uint8_t, kSha256Bytes> digest{};
  sha256({bytes_of(policy ? policy->text : file)}, digest);
  std::string mark;
  for (const std::uint8_t byte : digest) {
    mark += kHex[byte >> 4U];
    mark += kHex[byte & 15U];
  }
  return mark;
}

Result<PolicyFloors> kept_floors(const Store& store) {
  PolicyFloors floors;
  TRY(const std::vector<StateEntry> entries, store.states(kModule));
  for (const StateEntry& entry : entries) {
    const std::string_view key = entry.key;
    if (key == kTextKey) {
      floors.text = entry.value;
    } else if (key == kSerialKey) {
      TRY(const std::uint64_t serial, parse_serial(entry.value));
      floors.serial = bounded(serial, kSerialMax);
    } else if (key.substr(0, kCertificatesKey.size()) == kCertificatesKey) {
      TRY(const std::uint64_t serial, parse_serial(entry.value));
      // One more revokes the last serial.
      floors.certificates[std::string(key.substr(kCertificatesKey.size()))] =
          bounded(serial, kSerialMax + 1);
    } else if (key.substr(0, kGreatestKey.size()) == kGreatestKey) {
      TRY(const std::uint64_t serial, parse_serial(entry.value));
      floors.greatest[std::string(key.substr(kGreatestKey.size()))] = bounded(serial, kSerialMax);
    }
  }
  return floors;
}

Status keep_floors(Store& store, const PolicyFloors& floors) {
  TRY(const PolicyFloors kept, kept_floors(store));
  CommitGroup group;
  if (floors.serial > kept.serial) {
    group.state.push_back({kModule, std::string(kSerialKey), std::to_string(floors.serial)});
  }
  if (floors.serial >= kept.serial && floors.text != kept.text) {
    group.state.push_back({kModule, std::string(kTextKey), floors.text});
  }
  keep_greater(floors.certificates, kept.certificates, kCertificatesKey, group);
  keep_greater(floors.greatest, kept.greatest, kGreatestKey, group);
  if (group.state.empty()) return Done{};
  TRY(store.commit(group));
  return Done{};
}

PolicyFloors floors_after(PolicyFloors floors, const Policy& policy, std::string_view file) {
  if (policy.serial >= floors.serial) floors.text = text_mark(file);
  floors.serial = std::max(floors.serial, policy.serial);
  // Of a floor that was kept when the greatest was not: it is no less.
  for (const auto& [purpose, floor] : floors.certificates) floors.greatest.emplace(purpose, floor);
  for (const PurposePlan& purpose : policy.purposes) {
    if (!purpose.certified.empty()) raise_floors(purpose, floors);
  }
  // Whoever was left out with the purpose, or with all of its certificates, is revoked as well.
  for (const auto& [purpose, greatest] : floors.greatest) {
    if (has_certificates(policy, purpose)) continue;
    std::uint64_t& floor = floors.certificates[purpose];
    floor = std::max({floor, greatest, greatest + 1});  // where only damage wrote a last number
  }
  return floors;
}

PolicyFiles::PolicyFiles(const GatewayConfigPlan& plan) : plan_(plan) {}

PolicyFiles::Load PolicyFiles::load_text(const std::string& file, std::string text) const {
  Load load;
  SchemaSet schemas;
  for (const std::string& set : plan_.descriptor_set_files) {
    append(load.diagnostics, schemas.add_descriptor_set_file(set));
  }
  CeilingLoad ceiling;
  if (!plan_.ceiling_file.empty()) {
    ceiling = load_ceiling_file(plan_.ceiling_file);
    append(load.diagnostics, std::move(ceiling.diagnostics));
  }
  if (any_error(load.diagnostics)) return load;
  PolicyLoad policy = load_policy(file, text, schemas, ceiling.ceiling.get());
  append(load.diagnostics, std::move(policy.diagnostics));
  if (any_error(load.diagnostics)) return load;
  load.policy = std::move(policy.policy);
  load.text = std::move(text);
  return load;
}

PolicyFiles::Load PolicyFiles::load(std::optional<std::int64_t> unix_day,
                                    const PolicyFloors& floors) const {
  auto text = read_operator_file(plan_.policy_file, kOperatorFileBytesMax);
  if (!text) {
    Load load;
    const bool missing = text.error().code == ErrorCode::kNotFound;
    load.diagnostics.emplace_back(ConfigReader::key(), DiagnosticSeverity::kError,
                                  plan_.policy_file, 0, 0,
                                  missing ? "there is no such policy" : "the policy can't be read",
                                  "policy_file in the configuration names it");
    return load;
  }
  Load load = load_text(plan_.policy_file, std::move(*text));
  if (!load.policy) return load;
  const PolicyRefusal why = below_floors(*load.policy, load.text, over_the_air(), floors);
  if (why != PolicyRefusal::kNone) {
    load.diagnostics.push_back(say(why, plan_.policy_file, *load.policy, floors));
    load.policy.reset();
    return load;
  }
  if (!unix_day) return load;
  // Not refused for its dates: what they forbid is decided each day, by a clock that is trusted.
  for (const Diagnostic& one : check_expiry(plan_.policy_file, load.text, *unix_day)) {
    load.diagnostics.push_back(as_warning(one));
  }
  return load;
}

PolicyFiles::Load PolicyFiles::load_at_start(std::optional<std::int64_t> unix_day,
                                             const PolicyFloors& floors) const {
  Load file = load(unix_day, floors);
  if (!over_the_air()) return file;
  auto text = read_operator_file(remembered_path(), kOperatorFileBytesMax);
  if (!text) return file;
  Load kept = load_text(remembered_path(), std::move(*text));
  if (!kept.policy || below_floors(*kept.policy, kept.text, true, floors) != PolicyRefusal::kNone) {
    return file;
  }
  if (file.policy && file.policy->serial >= kept.policy->serial) return file;
  kept.is_copy = true;
  if (file.policy) return kept;
  for (const Diagnostic& one : file.diagnostics) {
    // What the ceiling and the descriptor sets say, both loads have said.
    if (one.file() == plan_.policy_file) kept.diagnostics.push_back(as_warning(one));
  }
  return kept;
}

bool PolicyFiles::over_the_air() const {
  if (plan_.ceiling_file.empty()) return false;
  const CeilingLoad ceiling = load_ceiling_file(plan_.ceiling_file);
  return ceiling.ceiling && !ceiling.ceiling->policy.policy_signer().empty();
}

PolicyFiles::Offer PolicyFiles::judge(std::string_view text, std::int64_t unix_day,
                                      const PolicyFloors& floors) const {
  Offer offer;
  offer.refusal = PolicyRefusal::kSignatures;
  if (plan_.ceiling_file.empty()) return offer;
  const CeilingLoad ceiling = load_ceiling_file(plan_.ceiling_file);
  if (!ceiling.ceiling || !is_signed(text, *ceiling.ceiling)) return offer;
  offer.refusal = PolicyRefusal::kChecks;
  Load load = load_text(plan_.policy_file, std::string(text));
  if (!load.policy) {
    point_at_error(load.diagnostics, offer);
    return offer;
  }
  offer.serial = load.policy->serial;
  offer.refusal = below_floors(*load.policy, text, true, floors);
  if (offer.refusal != PolicyRefusal::kNone) return offer;
  if (unix_day < load.policy->not_before_day) offer.refusal = PolicyRefusal::kNotYet;
  if (unix_day > load.policy->not_after_day) offer.refusal = PolicyRefusal::kExpired;
  if (offer.refusal == PolicyRefusal::kNone) offer.policy = std::move(load.policy);
  return offer;
}

PolicyInUse PolicyFiles::fallback() const {
  PolicyInUse in_use;
  in_use.essential_only = true;
  if (auto text = read_operator_file(remembered_path(), kOperatorFileBytesMax)) {
    in_use.policy = load_text(remembered_path(), std::move(*text)).policy;
  }
  // The copy rotted, and the file was superseded: whoever is in danger is better served by an older
  // policy than by none, and the ceiling names who receives it.
  if (!in_use.policy && !plan_.ceiling_file.empty()) {
    if (auto text = read_operator_file(plan_.policy_file, kOperatorFileBytesMax)) {
      in_use.policy = load_text(plan_.policy_file, std::move(*text)).policy;
    }
  }
  if (!in_use.policy) in_use.policy = std::make_unique<const Policy>();
  return in_use;
}

std::string PolicyFiles::remembered_path() const {
  return plan_.state_directory + "/policy.last-valid";
}

// Written aside and renamed: a power cut leaves the old copy or the new one.
Status PolicyFiles::remember(std::string_view text) const {
  const std::string path = remembered_path();
  const std::string aside = path + ".new";
  const int fd = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail(ErrorCode::kIo, "policy: the copy can't be written", errno);
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (!written) return fail(ErrorCode::kIo, "policy: the copy can't be written", error);
  if (std::rename(aside.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::kIo, "policy: the copy can't be renamed", errno);
  }
  return sync_directory(plan_.state_directory);
}

}  // namespace sudare
