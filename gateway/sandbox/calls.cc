#include "gateway/sandbox/calls.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/sandbox/call_filter.h"

namespace sudare {
namespace {

// Each list also has the names that processors of 32 bits have for the same calls, with files
// beyond 2 GiB, user ids of 32 bits and times after 2038: an architecture passes over what it
// lacks.

// SQLite, the journal, the remembered policy; what the configuration names, at a reload or a
// connect. Landlock says where.
void allow_files(CallFilter& filter) {
  filter.allow(
      {SCMP_SYS(openat),     SCMP_SYS(open),      SCMP_SYS(close),      SCMP_SYS(read),
       SCMP_SYS(write),      SCMP_SYS(readv),     SCMP_SYS(writev),     SCMP_SYS(pread64),
       SCMP_SYS(pwrite64),   SCMP_SYS(lseek),     SCMP_SYS(fsync),      SCMP_SYS(fdatasync),
       SCMP_SYS(ftruncate),  SCMP_SYS(fallocate), SCMP_SYS(fcntl),      SCMP_SYS(fstat),
       SCMP_SYS(stat),       SCMP_SYS(lstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),
       SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
       SCMP_SYS(readlinkat), SCMP_SYS(getcwd),    SCMP_SYS(unlink),     SCMP_SYS(unlinkat),
       SCMP_SYS(rename),     SCMP_SYS(renameat),  SCMP_SYS(renameat2),  SCMP_SYS(fchown),
       SCMP_SYS(fchmod)});
  filter.allow({SCMP_SYS(_llseek), SCMP_SYS(ftruncate64), SCMP_SYS(fcntl64), SCMP_SYS(fstat64),
                SCMP_SYS(stat64), SCMP_SYS(lstat64), SCMP_SYS(fstatat64), SCMP_SYS(fchown32)});
}

// TCP to the brokers, UDP and TCP to name servers. The C library also asks a cache of names over a
// local socket and the kernel for its interfaces; it goes on without either.
void allow_network(CallFilter& filter) {
  constexpr std::uint64_t kKind = 0xf;  // beside it stand SOCK_NONBLOCK and SOCK_CLOEXEC
  for (const std::uint64_t family : {std::uint64_t{AF_INET}, std::uint64_t{AF_INET6}}) {
    filter.allow_if(SCMP_SYS(socket), {{0, family}, {1, SOCK_STREAM, kKind}});
    filter.allow_if(SCMP_SYS(socket), {{0, family}, {1, SOCK_DGRAM, kKind}});
  }
  filter.refuse_if(SCMP_SYS(socket), EACCES, {{0, AF_UNIX}});
  filter.refuse_if(SCMP_SYS(socket), EACCES, {{0, AF_NETLINK}});
  filter.allow_if(SCMP_SYS(socketpair), {{0, AF_UNIX}});
  filter.allow({SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
                SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
                SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(shutdown), SCMP_SYS(accept),
                SCMP_SYS(accept4), SCMP_SYS(ioctl), SCMP_SYS(send), SCMP_SYS(recv)});
}

void allow_memory(CallFilter& filter) {
  // Code stays what was loaded. To load more fails: the C library then resolves a name without that
  // module.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)}) {
    filter.allow_if(call, {{2, 0, PROT_EXEC}});
    filter.refuse_if(call, EACCES, {{2, PROT_EXEC, PROT_EXEC}});
  }
  filter.allow({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
                SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock)});
}

void allow_threads(CallFilter& filter) {
  // clone3 has its flags in memory, which no filter sees: where it is not there, the C library
  // takes clone.
  filter.refuse({SCMP_SYS(clone3)}, ENOSYS);
  constexpr std::uint64_t kThread = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
  filter.allow_if(SCMP_SYS(clone), {{0, kThread, kThread}});
  filter.allow({SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(futex), SCMP_SYS(exit),
                SCMP_SYS(exit_group), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(sched_yield),
                SCMP_SYS(sched_getaffinity), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
                SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
                SCMP_SYS(restart_syscall), SCMP_SYS(futex_time64)});
  // An assertion that fails ends the process by a signal to itself.
  filter.allow_if(SCMP_SYS(tgkill), {{0, static_cast<std::uint64_t>(getpid())}});
}

void allow_time_and_events(CallFilter& filter) {
  filter.allow({SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
                SCMP_SYS(eventfd2), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
                SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(clock_nanosleep),
                SCMP_SYS(nanosleep), SCMP_SYS(getrandom), SCMP_SYS(getuid), SCMP_SYS(geteuid),
                SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
                SCMP_SYS(getrusage)});
  filter.allow({SCMP_SYS(ppoll_time64), SCMP_SYS(_newselect), SCMP_SYS(pselect6_time64),
                SCMP_SYS(clock_gettime64), SCMP_SYS(clock_getres_time64),
                SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(getuid32), SCMP_SYS(geteuid32),
                SCMP_SYS(getgid32), SCMP_SYS(getegid32)});
}

void allow_clips(CallFilter& filter) {
  filter.allow({SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch), SCMP_SYS(inotify_rm_watch),
                SCMP_SYS(getdents64), SCMP_SYS(pipe2), SCMP_SYS(wait4), SCMP_SYS(waitid)});
  filter.allow_if(SCMP_SYS(kill), {{1, SIGKILL}});
}

// A module that keeps its objects in files looks through their folder and holds locks there.
void allow_hardware_key(CallFilter& filter) {
  filter.allow({SCMP_SYS(getdents64), SCMP_SYS(flock)});
}

// What a sanitizer's run-time library calls while it watches and reports.
[[maybe_unused]] void allow_sanitizer(CallFilter& filter) {
  filter.allow({SCMP_SYS(prctl),
                SCMP_SYS(getppid),
                SCMP_SYS(ptrace),
                SCMP_SYS(wait4),
                SCMP_SYS(tgkill),
                SCMP_SYS(kill),
                SCMP_SYS(clone),
                SCMP_SYS(getdents64),
                SCMP_SYS(getdents),
                SCMP_SYS(pipe),
                SCMP_SYS(pipe2),
                SCMP_SYS(dup2),
                SCMP_SYS(dup3),
                SCMP_SYS(prlimit64),
                SCMP_SYS(getrlimit),
                SCMP_SYS(setrlimit),
                SCMP_SYS(process_vm_readv),
                SCMP_SYS(mincore),
                SCMP_SYS(arch_prctl),
                SCMP_SYS(rt_sigsuspend),
                SCMP_SYS(membarrier)});
  filter.refuse({SCMP_SYS(execve), SCMP_SYS(fork), SCMP_SYS(vfork)}, EACCES);
}

}  // namespace

void allow_calls(CallFilter& filter, bool clips, bool hardware_key) {
  allow_files(filter);
  allow_network(filter);
  allow_memory(filter);
  allow_threads(filter);
  allow_time_and_events(filter);
  if (clips) allow_clips(filter);
  if (hardware_key) allow_hardware_key(filter);
#if defined(SUDARE_SANITIZED)
  allow_sanitizer(filter);
#endif
}

Status forbid_other_calls(bool clips, bool hardware_key) {
  CallFilter filter;
  allow_calls(filter, clips, hardware_key);
  return filter.load();
}

}  // namespace sudare
