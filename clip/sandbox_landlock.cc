#include "clip/sandbox_landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sudare::clip {
namespace {

// include/uapi/linux/landlock.h, in our own words: the headers of Debian 12 know version 2 only.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;  // since 4
  std::uint64_t scoped = 0;              // since 6
};
constexpr std::uint32_t kAskForVersion = 1;

constexpr std::uint64_t bits(unsigned count) { return (std::uint64_t{1} << count) - 1; }

// Rights are numbered in the order in which the versions brought them.
RulesetAttributes all_rights(LandlockVersion version) {
  RulesetAttributes attributes;
  attributes.handled_access_fs = bits(version >= 5   ? 16  // ioctl on devices
                                      : version >= 3 ? 15  // truncate
                                      : version >= 2 ? 14  // link and rename across folders
                                                     : 13);
  attributes.handled_access_net = version >= 4 ? bits(2) : 0;  // bind, connect
  attributes.scoped = version >= 6 ? bits(2) : 0;              // abstract sockets, signals
  return attributes;
}

// A kernel refuses a structure that is longer than it knows only if the rest is not zero.
constexpr std::size_t kAttributesBytes = sizeof(RulesetAttributes);

}  // namespace

Result<LandlockVersion> forbid_by_landlock() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskForVersion);
  if (version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) return LandlockVersion{0};
  if (version < 1) return fail(ErrorCode::kIo, "sandbox: landlock", errno);

  const RulesetAttributes attributes = all_rights(static_cast<LandlockVersion>(version));
  const long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, kAttributesBytes, 0);
  if (ruleset < 0) return fail(ErrorCode::kIo, "sandbox: landlock ruleset", errno);
  const long enforced = syscall(SYS_landlock_restrict_self, ruleset, 0);
  const int error = errno;
  close(static_cast<int>(ruleset));
  if (enforced != 0) return fail(ErrorCode::kIo, "sandbox: landlock restrict", error);
  return static_cast<LandlockVersion>(version);
}

}  // namespace sudare::clip
