#include "base/sandbox/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sudare {
namespace {

// include/uapi/linux/landlock.h, in our own words: the headers of Debian 12 know version 2 only.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;  // since 4
  std::uint64_t scoped = 0;              // since 6
};
struct [[gnu::packed]] PathAttributes {
  std::uint64_t allowed_access = 0;
  std::int32_t parent = -1;
};
struct PortAttributes {
  std::uint64_t allowed_access = 0;
  std::uint64_t port = 0;
};
constexpr std::uint32_t kAskForVersion = 1;
constexpr int kRuleBeneath = 1;
constexpr int kRulePort = 2;

constexpr std::uint64_t kExecuteFile = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadDirectory = 1U << 3;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeFile = 1U << 8;
constexpr std::uint64_t kTruncate = 1U << 14;
constexpr std::uint64_t kConnectTcp = 1U << 1;
constexpr std::uint64_t kScopeAbstractSockets = 1U << 0;
constexpr std::uint64_t kScopeSignals = 1U << 1;

constexpr std::uint64_t bits(unsigned count) { return (std::uint64_t{1} << count) - 1; }

// Rights are numbered in the order in which the versions brought them.
std::uint64_t file_rights(LandlockVersion version) {
  return bits(version >= 5   ? 16  // ioctl on devices
              : version >= 3 ? 15  // truncate
              : version >= 2 ? 14  // link and rename across folders
                             : 13);
}

std::uint64_t rights_of(LandlockUse use) {
  switch (use) {
    case LandlockUse::kReadFiles: return kReadFile;
    case LandlockUse::kReadTree: return kReadFile | kReadDirectory;
    case LandlockUse::kTakeFiles: return kReadFile | kReadDirectory | kRemoveFile;
    case LandlockUse::kWriteFiles:
      return kReadFile | kReadDirectory | kRemoveFile | kWriteFile | kMakeFile | kTruncate;
    case LandlockUse::kExecute: return kReadFile | kExecuteFile;
  }
  return 0;
}

// Those that go with a file; a rule of a file with others is refused.
constexpr std::uint64_t kOfFiles = kExecuteFile | kWriteFile | kReadFile | kTruncate;

Status add_rule(int ruleset, int type, const void* rule) {
  if (syscall(SYS_landlock_add_rule, ruleset, type, rule, 0) == 0) return Done{};
  return fail(ErrorCode::kIo, "sandbox: landlock rule", errno);
}

}  // namespace

Result<Landlock> Landlock::create() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskForVersion);
  // A kernel without it, or a container's own filter of calls in front of it (EPERM).
  if (version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM)) {
    return Landlock(0, -1);
  }
  if (version < 1) return fail(ErrorCode::kIo, "sandbox: landlock", errno);
  return Landlock(static_cast<LandlockVersion>(version), -1);
}

Landlock::~Landlock() {
  if (ruleset_ >= 0) close(ruleset_);
}

Landlock::Landlock(Landlock&& other) noexcept
    : version_(other.version_),
      ruleset_(std::exchange(other.ruleset_, -1)),
      signals_(other.signals_) {}

// A kernel refuses a structure that is longer than it knows only if the rest is not zero.
Status Landlock::open_ruleset() {
  if (ruleset_ >= 0) return Done{};
  RulesetAttributes attributes;
  attributes.handled_access_fs = file_rights(version_);
  attributes.handled_access_net = version_ >= 4 ? bits(2) : 0;  // bind, connect
  if (version_ >= 6) {
    attributes.scoped = kScopeAbstractSockets | (signals_ ? 0 : kScopeSignals);
  }
  ruleset_ =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset_ < 0) return fail(ErrorCode::kIo, "sandbox: landlock ruleset", errno);
  return Done{};
}

Status Landlock::allow(const std::string& path, LandlockUse use) {
  if (version_ == 0) return Done{};
  TRY(open_ruleset());
  const int file = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return fail(missing ? ErrorCode::kNotFound : ErrorCode::kIo, "sandbox: a path", errno);
  }
  struct stat info {};
  const bool directory = fstat(file, &info) == 0 && S_ISDIR(info.st_mode);
  PathAttributes rule;
  rule.allowed_access = rights_of(use) & file_rights(version_);
  if (!directory) rule.allowed_access &= kOfFiles;
  rule.parent = file;
  const Status added = add_rule(ruleset_, kRuleBeneath, &rule);
  close(file);
  return added;
}

Status Landlock::allow_connect(std::uint16_t port) {
  if (version_ < 4) return Done{};
  TRY(open_ruleset());
  const PortAttributes rule{kConnectTcp, port};
  return add_rule(ruleset_, kRulePort, &rule);
}

Result<LandlockVersion> Landlock::enforce() {
  if (version_ == 0) return LandlockVersion{0};
  TRY(open_ruleset());
  if (syscall(SYS_landlock_restrict_self, ruleset_, 0) != 0) {
    return fail(ErrorCode::kIo, "sandbox: landlock restrict", errno);
  }
  return version_;
}

}  // namespace sudare
