#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <iostream>
#include <vector>

#include "base/clock.h"
#include "clip/time_limit.h"
#include "fleet/cli/console.h"
#include "fleet/commands/clip.h"

namespace sudare::commands {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;
// Signals are looked at this often; also what poll() takes as an int.
constexpr std::int64_t kPollMsMax = 200;

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

const char* in_words(clip::Reason reason) {
  switch (reason) {
    case clip::Reason::kContainer: return "no MP4, MOV, 3GP, MPEG-TS or AVI, or not whole";
    case clip::Reason::kNoVideo: return "no video in it";
    case clip::Reason::kCodec: return "none of H.264, H.265, MPEG-4 part 2 or Motion JPEG";
    case clip::Reason::kFeature:
      return "something that is not handled (encryption, a pixel format)";
    case clip::Reason::kNoFrame: return "no decodable picture in the window";
    case clip::Reason::kBitstream: return "video data that does not follow its format";
    case clip::Reason::kPictureSize: return "pictures larger than 4096 x 2304";
    case clip::Reason::kPictureCount: return "too many pictures";
    case clip::Reason::kPacketBytes: return "a picture of too many bytes";
    case clip::Reason::kClipBytes: return "larger than 8 GiB";
    case clip::Reason::kBox: return "the result has a box that may not be there";
    case clip::Reason::kTrack: return "the result has a track that may not be there";
    case clip::Reason::kSampleData: return "the result has bytes that belong to no picture";
    case clip::Reason::kNalUnit: return "the result has a NAL unit that may not be there";
    case clip::Reason::kVideoData: return "the result has data beside its pictures";
    case clip::Reason::kMarker: return "the result has bytes that tell where, when or who";
    case clip::Reason::kSandbox: return "this system gives no sandbox";
    case clip::Reason::kMemory: return "more memory than it may take";
    case clip::Reason::kInput: return "it can't be read";
    case clip::Reason::kOutput: return "the result can't be written";
    case clip::Reason::kNone:
    case clip::Reason::kLibrary: break;
  }
  return "sudare-clip failed";
}

nlohmann::ordered_json numbers_of(const clip::Report& report) {
  return {{"codec", literal_of(report.codec).view()},
          {"width", report.width},
          {"height", report.height},
          {"frames", report.frames},
          {"skipped", report.skipped},
          {"bytes", report.bytes},
          {"window_ms", report.window_ms},
          {"truncated", report.truncated},
          {"sound", report.sound},
          {"landlock", report.landlock}};
}

// Of the process that ended without a report: "verify was killed (signal 9)".
std::string end_in_words(const clip::ClipResult& result, bool minimize) {
  constexpr int kSignalBase = 128;  // ProcessEnd::status
  const bool worker = !result.worker.report;
  const int status = worker ? result.worker.status : result.verify.status;
  const std::string name = worker ? (minimize ? "minimize" : "inspect") : "verify";
  if (status > kSignalBase) {
    return "sudare-clip " + name + " was killed (signal " + std::to_string(status - kSignalBase) +
           ")";
  }
  return "sudare-clip " + name + " ended with status " + std::to_string(status) +
         " and no report that goes with it";
}

std::string finding_in_words(const clip::ClipResult& result) {
  if (!result.verify.report) return {};
  return " (" + std::string(result.verify.report->what.view()) + ", at byte " +
         std::to_string(result.verify.report->offset) + " of the result)";
}

}  // namespace

Result<OpenClip> open_clip(const std::string& path) {
  OpenClip clip;
  clip.file = std::make_unique<Descriptor>(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (clip.file->get() < 0 || fstat(clip.file->get(), &status) != 0) {
    return fail(ErrorCode::kIo, "can't be opened", errno);
  }
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kRefused, "not a regular file");
  clip.bytes = static_cast<std::uint64_t>(status.st_size);
  return clip;
}

Result<clip::ClipRun> start_clip(const std::string& program, const clip::Options& options,
                                 const OpenClip& clip) {
  std::filesystem::path path = program;
  if (program.empty()) {
    TRY(path, clip::program_beside_this());
  }
  cli::stop_on_signals();
  return clip::ClipRun::start(path, options, clip.file->get(), clip::time_max(options, clip.bytes),
                              system_clock());
}

Result<clip::ClipResult> drain(clip::ClipRun& run,
                               const std::function<Status(std::span<const std::byte>)>& take) {
  std::vector<std::byte> buffer(kReadBytes);
  while (!run.ended()) {
    const std::int64_t wait_ms = std::min<std::int64_t>(run.time_left().count(), kPollMsMax);
    pollfd ready{run.descriptor(), POLLIN, 0};
    poll(&ready, 1, static_cast<int>(wait_ms));
    if (cli::stopped()) return fail(ErrorCode::kUnavailable, "stopped");
    if (const std::size_t count = run.read(buffer)) {
      TRY(take(std::span(buffer).first(count)));
    }
  }
  return run.result();
}

nlohmann::ordered_json to_json(const std::string& profile, const clip::ClipResult& result) {
  nlohmann::ordered_json json{{"result", literal_of(result.outcome).view()},
                              {"reason", literal_of(result.reason).view()}};
  if (!profile.empty()) json["profile"] = profile;
  if (result.timed_out) json["timed_out"] = true;
  if (result.crashed) json["crashed"] = true;
  if (result.worker.report) json.update(numbers_of(*result.worker.report));
  const bool verified = result.ok() || result.outcome == clip::Outcome::kFindings;
  if (verified && result.verify.report) json["findings"] = result.verify.report->findings;
  if (verified && !result.ok() && result.verify.report) {
    json["what"] = result.verify.report->what.view();
    json["offset"] = result.verify.report->offset;
  }
  return json;
}

int report_failure(const std::string& path, const std::string& profile,
                   const clip::ClipResult& result, bool json) {
  if (json) std::cout << to_json(profile, result).dump() << "\n";
  const bool found = result.outcome == clip::Outcome::kFindings;
  if (result.timed_out) {
    cli::report(path + ": it took too long");
  } else if (result.crashed) {
    cli::report(path + ": " + end_in_words(result, !profile.empty()), "nothing was written");
  } else if (result.outcome == clip::Outcome::kRejected) {
    cli::report(path + ": refused: " + in_words(result.reason));
  } else {
    cli::report(path + ": " + in_words(result.reason) + (found ? finding_in_words(result) : ""),
                found ? "nothing was written" : "");
  }
  return found ? cli::kExitFindings : cli::kExitFailure;
}

}  // namespace sudare::commands
