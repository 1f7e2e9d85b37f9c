#include "clip/modes.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "clip/inspect/inspect.h"
#include "clip/rebuild/limits.h"
#include "clip/rebuild/minimize.h"
#include "clip/rebuild/reject.h"
#include "clip/sandbox.h"
#include "clip/time_limit.h"
#include "clip/verify/verify.h"

namespace sudare::clip {
namespace {

// verify holds below 4 MiB and inspect below 3; the rest is for the allocator.
constexpr std::size_t kReadingMemoryBytes = std::size_t{16} << 20;

Report failed(Reason reason) {
  Report report;
  report.reason = reason;
  return report;
}

// Of a clip that can't even be opened.
Report failed(const Error& error) {
  Report report = failed(rebuild::reason_of(error));
  if (report.reason != Reason::kInput) report.outcome = Outcome::kRejected;
  return report;
}

class StandardInput final : public VerifySource {
 public:
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    while (true) {
      const ssize_t count = ::read(STDIN_FILENO, into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return fail(ErrorCode::kIo, "clip: input", errno);
    }
  }
};

class StandardOutput final : public VerifySink {
 public:
  Status write(Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail(ErrorCode::kIo, "clip: output", errno);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return Done{};
  }
};

class InspectedFile final : public InspectFile {
 public:
  explicit InspectedFile(const rebuild::ClipFile& file) : file_(&file) {}
  [[nodiscard]] std::uint64_t size() const override {
    return static_cast<std::uint64_t>(file_->bytes());
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
    if (offset >= size()) return std::size_t{0};
    const std::int64_t count = file_->read(static_cast<std::int64_t>(offset), into);
    if (count < 0) return fail(ErrorCode::kIo, "clip: input", errno);
    return static_cast<std::size_t>(count);
  }

 private:
  const rebuild::ClipFile* file_;
};

Report run_minimize(const Options& options) {
  const auto file = rebuild::ClipFile::open(STDIN_FILENO);
  if (!file) return failed(file.error());
  const auto landlock = enter_sandbox(rebuild::minimize_limits(options, *file));
  if (!landlock) return failed(Reason::kSandbox);
  Report report = rebuild::minimize(options, *file);
  report.landlock = *landlock;
  return report;
}

Report run_verify(const Options& options) {
  const std::uint64_t cpu_seconds = cpu_seconds_max(options, rebuild::kClipBytesMax);
  const auto landlock = enter_sandbox({SandboxInput::kStream, kReadingMemoryBytes, cpu_seconds});
  if (!landlock) return failed(Reason::kSandbox);
  StandardInput source;
  StandardOutput sink;
  Report report = verify_stream(source, sink, {options.profile, options.sound});
  report.landlock = *landlock;
  return report;
}

Report run_inspect(const Options& options) {
  const auto file = rebuild::ClipFile::open(STDIN_FILENO);
  if (!file) return failed(file.error());
  const std::uint64_t cpu_seconds =
      cpu_seconds_max(options, static_cast<std::uint64_t>(file->bytes()));
  const auto landlock = enter_sandbox({SandboxInput::kFile, kReadingMemoryBytes, cpu_seconds});
  if (!landlock) return failed(Reason::kSandbox);
  InspectedFile inspected(*file);
  StandardOutput sink;
  bool written = true;
  const auto result = inspect_clip(inspected, [&](const InspectFinding& finding) {
    const std::string line = to_line(finding);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
    written = written && sink.write({bytes, line.size()}).has_value();
  });
  if (!result) return failed(Reason::kInput);
  if (!written) return failed(Reason::kOutput);
  Report report;
  report.outcome = Outcome::kOk;
  report.findings = result->findings;
  report.truncated = result->truncated;
  report.bytes = inspected.size();
  report.landlock = *landlock;
  return report;
}

}  // namespace

Report run(const Options& options) {
  switch (options.mode) {
    case Mode::kMinimize: return run_minimize(options);
    case Mode::kVerify: return run_verify(options);
    case Mode::kInspect: return run_inspect(options);
  }
  return failed(Reason::kLibrary);
}

}  // namespace sudare::clip
