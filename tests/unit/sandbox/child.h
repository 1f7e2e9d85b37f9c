// What a process may do is tried in a child: it enters the gateway's sandbox, does one thing, and
// the parent sees how it ended.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "gateway/sandbox/sandbox.h"

namespace sudare::testkit {

inline constexpr int kNoSandbox = 99;

struct End {
  int signal = 0;  // that ended the child
  int status = -1;
};

inline End end_of(const std::function<int()>& child) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return {WTERMSIG(status), -1};
  return {0, WEXITSTATUS(status)};
}

inline End confined(const GatewayConfigPlan& plan, const std::function<int()>& act) {
  return end_of([&] {
    if (!enter_sandbox(plan)) return kNoSandbox;
    return act();
  });
}

// 0, or why a call failed.
inline int error_of(long result) { return result < 0 ? errno : 0; }

}  // namespace sudare::testkit
