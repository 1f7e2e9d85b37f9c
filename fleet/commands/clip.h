// What the calls of `sudare clip` share: one run of sudare-clip from start to end, and its result
// in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "base/result.h"
#include "clip/run/clip_run.h"
#include "fleet/cli/descriptor.h"

namespace CLI {
class App;
}

namespace sudare::commands {

struct OpenClip {
  std::unique_ptr<Descriptor> file;
  std::uint64_t bytes = 0;
};

// kIo; kRefused where it is no regular file.
Result<OpenClip> open_clip(const std::string& path);

// `program`: empty is sudare-clip beside this program. Errors of ClipRun::start.
Result<clip::ClipRun> start_clip(const std::string& program, const clip::Options& options,
                                 const OpenClip& clip);

// Hands on what comes until the run has ended, waiting for it. kUnavailable after SIGINT or SIGTERM
// (the processes are killed with `run`); errors of `take`.
Result<clip::ClipResult> drain(clip::ClipRun& run,
                               const std::function<Status(std::span<const std::byte>)>& take);

// The report of both processes, for programs.
nlohmann::ordered_json to_json(const std::string& profile, const clip::ClipResult& result);

// Says why nothing came of it: on stderr, and with `json` on stdout too. Returns the exit code:
// kExitFindings where verify found something, else kExitFailure.
int report_failure(const std::string& path, const std::string& profile,
                   const clip::ClipResult& result, bool json);

void add_clip_inspect(CLI::App& clip, int& exit_code);

}  // namespace sudare::commands
