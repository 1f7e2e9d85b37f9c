#include "clip/sandbox_calls.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/sandbox/call_filter.h"

namespace sudare::clip {
namespace {

void allow_input(CallFilter& filter, SandboxInput input) {
  filter.allow_if(SCMP_SYS(read), {{0, STDIN_FILENO}});
  if (input == SandboxInput::kStream) return;
  filter.allow_if(SCMP_SYS(pread64), {{0, STDIN_FILENO}});
  filter.allow_if(SCMP_SYS(lseek), {{0, STDIN_FILENO}});
  filter.allow_if(SCMP_SYS(_llseek), {{0, STDIN_FILENO}});
  // libav asks how many processors there are before it starts no thread.
  filter.allow({SCMP_SYS(sched_getaffinity)});
}

void allow_work(CallFilter& filter) {
  filter.allow_if(SCMP_SYS(write), {{0, STDOUT_FILENO}});
  filter.allow_if(SCMP_SYS(write), {{0, STDERR_FILENO}});
  // Code stays what was loaded.
  filter.allow_if(SCMP_SYS(mmap), {{2, 0, PROT_EXEC}});
  filter.allow_if(SCMP_SYS(mmap2), {{2, 0, PROT_EXEC}});
  filter.allow_if(SCMP_SYS(mprotect), {{2, 0, PROT_EXEC}});
  filter.allow({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
                SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(clock_gettime),
                SCMP_SYS(getrandom), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall)});
  // The same on a processor of 32 bits.
  filter.allow({SCMP_SYS(futex_time64), SCMP_SYS(clock_gettime64), SCMP_SYS(sigreturn)});
}

// What a sanitizer's run-time library calls while it watches and reports; ThreadSanitizer's does so
// on a thread of its own.
[[maybe_unused]] void allow_sanitizer(CallFilter& filter) {
  filter.allow({SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
                SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(sched_yield),
                SCMP_SYS(getrusage), SCMP_SYS(prctl), SCMP_SYS(ioctl), SCMP_SYS(sysinfo),
                SCMP_SYS(uname), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
                SCMP_SYS(gettimeofday)});
  filter.refuse({SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
                 SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(close)},
                EACCES);
}

}  // namespace

Status forbid_other_calls(SandboxInput input) {
  CallFilter filter;
  allow_input(filter, input);
  allow_work(filter);
#if defined(SUDARE_SANITIZED)
  allow_sanitizer(filter);
#endif
  return filter.load();
}

}  // namespace sudare::clip
