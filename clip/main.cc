// `sudare-clip minimize|verify|inspect`: one clip, in a process of its own. Started by the gateway
// and by `sudare clip` with file descriptors 0, 1 and 2; see docs/drive-recorder.md.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <iostream>
#include <new>
#include <span>
#include <string>

#include "clip/modes.h"
#include "clip/options.h"
#include "clip/report.h"

namespace sudare::clip {
namespace {

int finish(const Report& report) {
  const std::string line = to_line(report);
  const bool told = write(STDERR_FILENO, line.data(), line.size()) > 0;
  // Destructors and exit handlers of libraries have nothing to do for us.
  _exit(told ? exit_of(report) : kExitInternal);
}

// Ends with its parent. Where that is gone already, the read end of descriptor 2's pipe is too.
void end_with_parent() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd errors{STDERR_FILENO, 0, 0};
  if (poll(&errors, 1, 0) == 1 && (errors.revents & POLLERR) != 0) _exit(kExitInternal);
}

// A pipe's usual 64 KiB cost a context switch each; an unprivileged process may ask for this much.
void widen_output() {
  constexpr int kPipeBytes = 1 << 20;
  (void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeBytes);
}

}  // namespace
}  // namespace sudare::clip

int main(int count, char** arguments) {
  using namespace sudare::clip;
  const auto words = std::span<const char* const>(arguments, static_cast<std::size_t>(count));
  const auto options = parse(words.subspan(words.empty() ? 0 : 1));
  if (!options) {
    std::cerr << "error: " << options.error().what.view()
              << "\nhint: this program is started by sudare-gateway and by `sudare clip`\n";
    return kExitUsage;
  }
  end_with_parent();
  widen_output();
  // libav tells dates from numbers; the C library would open a file of time zones for that.
  tzset();
  // A pipe whose reader is gone is an error to report, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  Report report;
  try {
    report = run(*options);
  } catch (const std::bad_alloc&) {
    report.outcome = Outcome::kRejected;
    report.reason = Reason::kMemory;
  } catch (...) {
    report.reason = Reason::kLibrary;
  }
  return finish(report);
}
