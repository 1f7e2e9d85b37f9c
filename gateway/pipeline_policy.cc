#include "gateway/pipeline_policy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/config/config_reader.h"
#include "gateway/policy/operator_file.h"

namespace sudare {
namespace {

constexpr Literal kModule = "policy";
constexpr std::string_view kSerialKey = "serial";

bool any_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    if (one.severity() == DiagnosticSeverity::kError) return true;
  }
  return false;
}

void append(Diagnostics& all, Diagnostics more) {
  for (Diagnostic& one : more) all.push_back(std::move(one));
}

}  // namespace

Result<std::uint64_t> kept_serial(const Store& store) {
  TRY(const std::optional<std::string> text, store.state(kModule, kSerialKey));
  if (!text) return std::uint64_t{0};
  std::uint64_t serial = 0;
  const char* const end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, serial);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    return fail(ErrorCode::kMalformed, "policy: the stored serial is damaged");
  }
  return serial;
}

Status keep_serial(Store& store, std::uint64_t serial) {
  TRY(const std::uint64_t kept, kept_serial(store));
  if (serial <= kept) return Done{};
  CommitGroup group;
  group.state.push_back({kModule, std::string(kSerialKey), std::to_string(serial)});
  TRY(store.commit(group));
  return Done{};
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

PolicyFiles::Load PolicyFiles::load(std::int64_t unix_day, std::uint64_t serial_least) const {
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
  if (load.policy->serial < serial_least) {
    load.diagnostics.emplace_back(
        ConfigReader::key(), DiagnosticSeverity::kError, plan_.policy_file, 0, 0,
        "serial " + std::to_string(load.policy->serial) + " was superseded: serial " +
            std::to_string(serial_least) + " was in force on this unit",
        "give the policy a serial that is not lower");
    load.policy.reset();
    return load;
  }
  // Not refused for its dates: what they forbid is decided each day, by a clock that is trusted.
  for (const Diagnostic& one : check_expiry(plan_.policy_file, load.text, unix_day)) {
    load.diagnostics.emplace_back(ConfigReader::key(), DiagnosticSeverity::kWarning, one.file(),
                                  one.line(), one.column(), one.text(), one.hint());
  }
  return load;
}

PolicyInUse PolicyFiles::fallback() const {
  PolicyInUse in_use;
  in_use.essential_only = true;
  if (auto text = read_operator_file(remembered_path(), kOperatorFileBytesMax)) {
    in_use.policy = load_text(remembered_path(), std::move(*text)).policy;
  }
  if (!in_use.policy) in_use.policy = std::make_unique<const Policy>();
  return in_use;
}

std::string PolicyFiles::remembered_path() const {
  return plan_.state_directory + "/policy.last-valid";
}

// Written aside and renamed: a power cut leaves the old copy or the new one.
Status PolicyFiles::remember(const std::string& text) const {
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
  return Done{};
}

}  // namespace sudare
