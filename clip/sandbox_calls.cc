#include "clip/sandbox_calls.h"

#include <seccomp.h>
#include <sys/mman.h>

#include <memory>

namespace sudare::clip {
namespace {

struct FilterEnd {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterEnd>;

class Rules {
 public:
  explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

  void allow(int call) { keep(seccomp_rule_add(filter_, SCMP_ACT_ALLOW, call, 0)); }
  // Only with this file descriptor.
  void allow_on(int call, unsigned descriptor) {
    const scmp_arg_cmp same{0, SCMP_CMP_EQ, descriptor, 0};
    keep(seccomp_rule_add_array(filter_, SCMP_ACT_ALLOW, call, 1, &same));
  }
  // Only where argument 2, the protection, has no PROT_EXEC: code stays what was loaded.
  void allow_data(int call) {
    const scmp_arg_cmp data{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
    keep(seccomp_rule_add_array(filter_, SCMP_ACT_ALLOW, call, 1, &data));
  }
  void refuse(int call, unsigned error) {
    keep(seccomp_rule_add(filter_, SCMP_ACT_ERRNO(error), call, 0));
  }
  void kill_other_architectures() {
    keep(seccomp_attr_set(filter_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  }
  [[nodiscard]] int error() const { return error_; }

 private:
  void keep(int result) {
    if (error_ == 0) error_ = -result;
  }
  scmp_filter_ctx filter_;
  int error_ = 0;
};

void allow_input(Rules& rules, SandboxInput input) {
  rules.allow_on(SCMP_SYS(read), 0);
  if (input == SandboxInput::kStream) return;
  rules.allow_on(SCMP_SYS(pread64), 0);
  rules.allow_on(SCMP_SYS(lseek), 0);
  // libav asks how many processors there are before it starts no thread.
  rules.allow(SCMP_SYS(sched_getaffinity));
}

void allow_work(Rules& rules) {
  rules.allow_on(SCMP_SYS(write), 1);
  rules.allow_on(SCMP_SYS(write), 2);
  rules.allow_data(SCMP_SYS(mmap));
  rules.allow_data(SCMP_SYS(mprotect));
  for (const int call :
       {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex),
        SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall)}) {
    rules.allow(call);
  }
}

// What AddressSanitizer's run-time library calls while it watches and reports.
[[maybe_unused]] void allow_sanitizer(Rules& rules) {
  for (const int call :
       {SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid),
        SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(sched_yield), SCMP_SYS(getrusage),
        SCMP_SYS(prctl), SCMP_SYS(ioctl), SCMP_SYS(sysinfo), SCMP_SYS(uname)}) {
    rules.allow(call);
  }
  for (const int call : {SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
                         SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(close)}) {
    rules.refuse(call, EACCES);
  }
}

}  // namespace

Status forbid_other_calls(SandboxInput input) {
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return fail(ErrorCode::kIo, "sandbox: no seccomp filter");
  Rules rules(filter.get());
  // Calls of another architecture (32 bits on x86-64) have other numbers: they kill too.
  rules.kill_other_architectures();
  allow_input(rules, input);
  allow_work(rules);
#if defined(SUDARE_CLIP_SANITIZED)
  allow_sanitizer(rules);
#endif
  if (rules.error() != 0) return fail(ErrorCode::kIo, "sandbox: seccomp rule", rules.error());
  const int loaded = seccomp_load(filter.get());
  if (loaded != 0) return fail(ErrorCode::kIo, "sandbox: seccomp", -loaded);
  return Done{};
}

}  // namespace sudare::clip
