// The filter of a unit with a processor of 32 bits (armhf), as the kernel would run it: no emulator
// does. There the C library's calls have other names, and one that is forgotten ends the gateway at
// its first message.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "base/sandbox/call_filter.h"
#include "gateway/sandbox/calls.h"

namespace sudare {
namespace {

bool jumps(const sock_filter& one, std::uint32_t accumulator) {
  switch (BPF_OP(one.code)) {
    case BPF_JEQ: return accumulator == one.k;
    case BPF_JGT: return accumulator > one.k;
    case BPF_JGE: return accumulator >= one.k;
    default: return (accumulator & one.k) != 0;  // BPF_JSET
  }
}

// The kernel's answer (SECCOMP_RET_…) to this call.
std::uint32_t answer(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& one = program[at];
    switch (BPF_CLASS(one.code)) {
      case BPF_LD:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + one.k, sizeof accumulator);
        break;
      case BPF_ALU: accumulator &= one.k; break;  // the only one that libseccomp writes
      case BPF_JMP:
        if (BPF_OP(one.code) == BPF_JA) at += one.k;
        else at += jumps(one, accumulator) ? one.jt : one.jf;
        break;
      default: return one.k;  // BPF_RET
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}

class CallsOf32Bits : public ::testing::Test {
 protected:
  void SetUp() override {
    CallFilter filter(SCMP_ARCH_ARM);
    allow_calls(filter, false, false);
    auto made = filter.program();
    ASSERT_TRUE(made.has_value());
    program_ = std::move(*made);
  }
  [[nodiscard]] std::uint32_t answer_to(const char* name, std::uint64_t third = 0) const {
    const int number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_ARM, name);
    EXPECT_GE(number, 0) << name << " is no call of armhf";
    seccomp_data call{};
    call.nr = number;
    call.arch = AUDIT_ARCH_ARM;
    call.args[2] = third;
    return answer(program_, call);
  }

 private:
  std::vector<sock_filter> program_;
};

#if !defined(SUDARE_SANITIZED)  // a sanitizer may do more
TEST_F(CallsOf32Bits, WhatTheGatewayNeverMakesEndsIt) {
  for (const char* name : {"execve", "fork", "bind", "listen", "mount", "ptrace", "setuid32",
                           "chown32", "truncate64", "clock_settime64", "sendfile64"}) {
    EXPECT_EQ(answer_to(name), SECCOMP_RET_KILL_PROCESS) << name;
  }
}
#endif

TEST_F(CallsOf32Bits, CodeStaysWhatWasLoaded) {
  for (const char* name : {"mmap2", "mprotect"}) {
    EXPECT_EQ(answer_to(name, PROT_READ), SECCOMP_RET_ALLOW) << name;
    EXPECT_EQ(answer_to(name, PROT_READ | PROT_EXEC), SECCOMP_RET_ERRNO | EACCES) << name;
  }
}

TEST_F(CallsOf32Bits, WhatTheCLibraryMakesOfItsWorkIsLetThrough) {
  for (const char* name : {"openat",
                           "close",
                           "read",
                           "write",
                           "pread64",
                           "pwrite64",
                           "_llseek",
                           "fsync",
                           "fdatasync",
                           "ftruncate64",
                           "fallocate",
                           "fcntl64",
                           "fstat64",
                           "fstatat64",
                           "stat64",
                           "lstat64",
                           "statx",
                           "unlink",
                           "rename",
                           "fchown32",
                           "connect",
                           "send",
                           "recv",
                           "sendto",
                           "recvfrom",
                           "sendmsg",
                           "recvmsg",
                           "setsockopt",
                           "getsockopt",
                           "munmap",
                           "brk",
                           "madvise",
                           "mlock",
                           "futex_time64",
                           "futex",
                           "sigreturn",
                           "rt_sigreturn",
                           "rt_sigprocmask",
                           "exit",
                           "exit_group",
                           "poll",
                           "ppoll_time64",
                           "clock_gettime64",
                           "clock_nanosleep_time64",
                           "getrandom",
                           "getuid32",
                           "geteuid32",
                           "eventfd2"}) {
    EXPECT_EQ(answer_to(name), SECCOMP_RET_ALLOW) << name;
  }
}

}  // namespace
}  // namespace sudare
