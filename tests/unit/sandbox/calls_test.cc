// System calls that the gateway never makes end it; a library that asks for more than it needs is
// refused; threads, memory and time are there as ever.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <thread>

#include "tests/testkit/temporary_directory.h"
#include "tests/unit/sandbox/child.h"

namespace sudare {
namespace {

using testkit::confined;
using testkit::End;
using testkit::end_of;
using testkit::error_of;

struct Forbidden {
  const char* name;
  int (*act)();
};

// None of them does harm where it is not forbidden: the control calls them all.
const Forbidden kForbidden[] = {
    {"socket_of_packets", [] { return error_of(socket(AF_PACKET, SOCK_RAW, 0)); }},
    {"raw_socket", [] { return error_of(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }},
    {"bind", [] { return error_of(bind(-1, nullptr, 0)); }},
    {"listen", [] { return error_of(listen(-1, 1)); }},
    {"mount", [] { return error_of(mount("none", "/no/such", "tmpfs", 0, nullptr)); }},
    {"umount", [] { return error_of(umount("/no/such")); }},
    {"unshare", [] { return error_of(unshare(0)); }},
    {"setns", [] { return error_of(setns(-1, 0)); }},
    {"chroot", [] { return error_of(chroot("/no/such")); }},
    {"bpf", [] { return error_of(syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"io_uring", [] { return error_of(syscall(SYS_io_uring_setup, 0, nullptr)); }},
    {"perf_event", [] { return error_of(syscall(SYS_perf_event_open, nullptr, 0, 0, -1, 0)); }},
    {"userfaultfd", [] { return error_of(syscall(SYS_userfaultfd, ~0)); }},
    {"memfd", [] { return error_of(memfd_create("x", MFD_CLOEXEC)); }},
    {"keyctl", [] { return error_of(syscall(SYS_keyctl, 0, 0)); }},
    {"kexec", [] { return error_of(syscall(SYS_kexec_load, 0, 0, nullptr, ~0UL)); }},
    {"module", [] { return error_of(syscall(SYS_finit_module, -1, nullptr, 0)); }},
    {"set_time", [] { return error_of(syscall(SYS_clock_settime, 99, nullptr)); }},
    {"set_user", [] { return error_of(setuid(getuid())); }},
    {"capabilities", [] { return error_of(syscall(SYS_capset, nullptr, nullptr)); }},
    {"link", [] { return error_of(link("/no/such", "/no/such/either")); }},
    {"symlink", [] { return error_of(symlink("x", "/no/such/either")); }},
    {"make_directory", [] { return error_of(mkdir("/no/such/directory", 0700)); }},
    {"change_mode", [] { return error_of(chmod("/no/such", 0777)); }},
    {"make_node", [] { return error_of(mknod("/no/such/node", S_IFIFO | 0600, 0)); }},
    {"open_by_handle", [] { return error_of(syscall(SYS_open_by_handle_at, -1, nullptr, 0)); }},
    {"write_memory_of_others",
     [] { return error_of(syscall(SYS_process_vm_writev, getppid(), nullptr, 0, nullptr, 0, 0)); }},
    {"another_filter", [] { return error_of(syscall(SYS_seccomp, 99, 0, nullptr)); }},
#if !defined(SUDARE_SANITIZED)  // a sanitizer's own calls
    {"execute", [] { return error_of(execl("/bin/true", "true", nullptr)); }},
    {"fork",
     [] {
       const pid_t pid = fork();
       if (pid == 0) _exit(0);
       return error_of(pid);
     }},
    {"ptrace", [] { return error_of(ptrace(PTRACE_ATTACH, -1, nullptr, nullptr)); }},
    {"signal_to_others", [] { return error_of(kill(getppid(), 0)); }},
    {"become_dumpable", [] { return error_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
#endif
};

class GatewaySandboxCalls : public testing::TestWithParam<Forbidden> {
 protected:
  GatewaySandboxCalls() { plan_.state_directory = directory_.path(); }
  testkit::TemporaryDirectory directory_;
  GatewayConfigPlan plan_;
};

TEST_P(GatewaySandboxCalls, Kills) { EXPECT_EQ(confined(plan_, GetParam().act).signal, SIGSYS); }

TEST_P(GatewaySandboxCalls, ControlWithoutSandboxItReturns) {
  EXPECT_EQ(end_of(GetParam().act).signal, 0);
}

TEST_P(GatewaySandboxCalls, KillsWhereClipsAreTaken) {
  plan_.clips = ClipsPlan{directory_.path(), "/no/such/program", 1};
  EXPECT_EQ(confined(plan_, GetParam().act).signal, SIGSYS);
}

INSTANTIATE_TEST_SUITE_P(All, GatewaySandboxCalls, testing::ValuesIn(kForbidden),
                         [](const auto& info) { return std::string(info.param.name); });

class GatewaySandbox : public testing::Test {
 protected:
  GatewaySandbox() { plan_.state_directory = directory_.path(); }
  End in_sandbox(const std::function<int()>& act) { return confined(plan_, act); }

  testkit::TemporaryDirectory directory_;
  GatewayConfigPlan plan_;
};

// What the C library and SQLite try and go on without.
TEST_F(GatewaySandbox, SocketsOfOtherKindsAreRefused) {
  EXPECT_EQ(in_sandbox([] { return error_of(socket(AF_UNIX, SOCK_STREAM, 0)); }).status, EACCES);
  EXPECT_EQ(in_sandbox([] { return error_of(socket(AF_NETLINK, SOCK_RAW, 0)); }).status, EACCES);
  EXPECT_EQ(in_sandbox([] { return error_of(socket(AF_INET, SOCK_STREAM, 0)); }).status, 0);
  EXPECT_EQ(
      in_sandbox([] { return error_of(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }).status,
      0);
}

TEST_F(GatewaySandbox, NoMemoryBecomesCode) {
  const auto map = [] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
  };
  const auto change = [] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return error_of(mprotect(page, 4096, PROT_READ | PROT_EXEC));
  };
  EXPECT_EQ(in_sandbox(map).status, EACCES);
  EXPECT_EQ(in_sandbox(change).status, EACCES);
  EXPECT_EQ(end_of(map).status, 0) << "the control";
  EXPECT_EQ(end_of(change).status, 0) << "the control";
}

TEST_F(GatewaySandbox, ThreadsStartAndAreRestrictedToo) {
  const End in_thread = in_sandbox([] {
    std::thread([] { unshare(0); }).join();
    return 0;
  });
  EXPECT_EQ(in_thread.signal, SIGSYS);
  const End works = in_sandbox([] {
    int done = 0;
    std::thread([&done] { done = 7; }).join();
    return done;
  });
  EXPECT_EQ(works.status, 7);
}

TEST_F(GatewaySandbox, ClipsAreKilledAndNobodyElseIsSignalled) {
  plan_.clips = ClipsPlan{directory_.path(), "/no/such/program", 1};
#if !defined(SUDARE_SANITIZED)
  const End continued = in_sandbox([] { return error_of(kill(getppid(), SIGCONT)); });
  EXPECT_EQ(continued.signal, SIGSYS);
#endif
  const End killed = in_sandbox([] { return error_of(kill(0x3ffffff, SIGKILL)); });
  EXPECT_EQ(killed.status, ESRCH);
}

#if defined(__x86_64__)
TEST_F(GatewaySandbox, CallsByAnotherArchitecturesNumbersKill) {
  const auto getpid_of_32_bits = [] {
    int result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return result > 0 ? 0 : 1;
  };
  EXPECT_EQ(in_sandbox(getpid_of_32_bits).signal, SIGSYS);
}
#endif

}  // namespace
}  // namespace sudare
