// `sudare-clip minimize|verify|inspect`: one clip, in a process of its own. Started by the gateway
// and by `sudare clip` with file descriptors 0, 1 and 2; see docs/drive-recorder.md.
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <iostream>
#include <new>
#include <span>
#include <string>

#include "clip/options.h"
#include "clip/rebuild/limits.h"
#include "clip/rebuild/minimize.h"
#include "clip/rebuild/reject.h"
#include "clip/report.h"
#include "clip/sandbox.h"
#include "clip/time_limit.h"
#include "clip/verify/verify.h"

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

Report failed(Reason reason) {
  Report report;
  report.reason = reason;
  return report;
}

Report failed(const Error& error) {
  Report report = failed(rebuild::reason_of(error));
  if (report.reason != Reason::kInput) report.outcome = Outcome::kRejected;
  return report;
}

Report run_minimize(const Options& options) {
  const auto file = rebuild::ClipFile::open(STDIN_FILENO);
  if (!file) return failed(file.error());
  const auto landlock = enter_sandbox(rebuild::minimize_limits(options, *file));
  if (!landlock) return failed(Reason::kSandbox);
  Report report = rebuild::minimize(options, *file);
  report.landlock = *landlock;
  return report;
}

// verify holds below 4 MiB; what it reads is bounded by the pipe in front of it.
constexpr std::size_t kVerifyMemoryBytes = std::size_t{16} << 20;

class StandardInput final : public VerifySource {
 public:
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    while (true) {
      const ssize_t count = ::read(STDIN_FILENO, into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return fail(ErrorCode::kIo, "verify: input", errno);
    }
  }
};

class StandardOutput final : public VerifySink {
 public:
  Status write(Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail(ErrorCode::kIo, "verify: output", errno);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return Done{};
  }
};

Report run_verify(const Options& options) {
  const std::uint64_t cpu_seconds = cpu_seconds_max(options, rebuild::kClipBytesMax);
  const auto landlock = enter_sandbox({SandboxInput::kStream, kVerifyMemoryBytes, cpu_seconds});
  if (!landlock) return failed(Reason::kSandbox);
  StandardInput source;
  StandardOutput sink;
  Report report = verify_stream(source, sink, {options.profile, options.sound}).report;
  report.landlock = *landlock;
  return report;
}

Report run(const Options& options) {
  switch (options.mode) {
    case Mode::kMinimize: return run_minimize(options);
    case Mode::kVerify: return run_verify(options);
    case Mode::kInspect: break;
  }
  return failed(Reason::kLibrary);
}

}  // namespace
}  // namespace sudare::clip

int main(int count, char** arguments) {
  using namespace sudare::clip;
  const std::span<const char* const> words(arguments + 1, static_cast<std::size_t>(count - 1));
  const auto options = parse(words);
  if (!options) {
    std::cerr << "error: " << options.error().what.view()
              << "\nhint: this program is started by sudare-gateway and by `sudare clip`\n";
    return kExitUsage;
  }
  end_with_parent();
  // libav tells dates from numbers; the C library would open a file of time zones for that.
  tzset();
  // A pipe whose reader is gone is an error to report, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return finish(run(*options));
  } catch (const std::bad_alloc&) {
    Report report = failed(Reason::kMemory);
    report.outcome = Outcome::kRejected;
    return finish(report);
  } catch (...) {
    return finish(failed(Reason::kLibrary));
  }
}
