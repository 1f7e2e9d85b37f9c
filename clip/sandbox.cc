#include "clip/sandbox.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/sandbox/landlock.h"
#include "clip/sandbox_calls.h"

namespace sudare::clip {
namespace {

// Address space of this process: the first number of /proc/self/statm, in pages.
Result<std::size_t> address_space() {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(ErrorCode::kIo, "sandbox: /proc/self/statm", errno);
  std::array<char, 64> text{};
  const ssize_t count = read(file, text.data(), text.size());
  close(file);
  std::size_t pages = 0;
  if (count <= 0 || std::from_chars(text.data(), text.data() + count, pages).ec != std::errc()) {
    return fail(ErrorCode::kIo, "sandbox: /proc/self/statm");
  }
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Status limit(__rlimit_resource resource, rlim_t most) {
  const rlimit both{most, most};
  if (setrlimit(resource, &both) != 0) return fail(ErrorCode::kIo, "sandbox: rlimit", errno);
  return Done{};
}

Status limit_resources(const SandboxLimits& limits, std::size_t address_space_now) {
#if defined(SUDARE_SANITIZED)
  static_cast<void>(address_space_now);  // AddressSanitizer reserves terabytes
#else
  TRY(limit(RLIMIT_AS, address_space_now + limits.memory_bytes));
#endif
  TRY(limit(RLIMIT_CPU, limits.cpu_seconds));
  TRY(limit(RLIMIT_CORE, 0));   // a core would hold pictures
  TRY(limit(RLIMIT_FSIZE, 0));  // no byte into a file; pipes have no size
  TRY(limit(RLIMIT_NOFILE, 3));
  return Done{};
}

Result<LandlockVersion> forbid_every_path() {
  TRY(Landlock landlock, Landlock::create());
  return landlock.enforce();
}

}  // namespace

Result<LandlockVersion> enter_sandbox(const SandboxLimits& limits) {
  if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
    return fail(ErrorCode::kIo, "sandbox: close_range", errno);
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail(ErrorCode::kIo, "sandbox: prctl", errno);
  }
  // Before Landlock hides /proc; no file can be opened once the limits hold.
  TRY(const std::size_t now, address_space());
  TRY(const LandlockVersion version, forbid_every_path());
  TRY(limit_resources(limits, now));
  TRY(forbid_other_calls(limits.input));
  return version;
}

}  // namespace sudare::clip
