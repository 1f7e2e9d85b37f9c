// `sudare clip minimize` and `sudare clip inspect`: what the gateway does with a drive recorder's
// clip, by hand. The clip is read by sudare-clip in processes of its own, never by this program.
#include "fleet/commands/clip.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "clip/run/clip_run.h"
#include "clip/time_limit.h"
#include "fleet/cli/console.h"
#include "fleet/cli/descriptor.h"
#include "fleet/cli/new_file.h"
#include "fleet/cli/output_option.h"
#include "fleet/commands/commands.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

struct MinimizeClipOptions {
  std::string in;
  std::string out;
  std::string program;
  std::string profile = "sketch";
  std::optional<double> from_s;
  std::optional<double> to_s;
  std::vector<std::string> fill;
  bool sound = false;
  bool json = false;
};

// kExitUsage, after the reason was printed, where they mean nothing.
std::optional<clip::Options> options_of(const MinimizeClipOptions& given) {
  clip::Options options;
  options.mode = clip::Mode::kMinimize;
  options.sound = given.sound;
  const auto profile = clip::profile_of(given.profile);
  if (!profile) {
    cli::report(given.profile == "redacted" ? "redacted: not built yet"
                                            : given.profile + ": no such profile",
                "original-picture or sketch");
    return std::nullopt;
  }
  options.profile = *profile;
  if (given.from_s) {
    constexpr double kSecondsMax = 86'400;
    if (!(*given.from_s >= 0 && *given.from_s < *given.to_s && *given.to_s <= kSecondsMax)) {
      cli::report("the window is empty or longer than a day", "0 <= --from < --to, in seconds");
      return std::nullopt;
    }
    options.window =
        clip::Window{std::llround(*given.from_s * 1000), std::llround(*given.to_s * 1000)};
    if (options.window->from_ms == options.window->to_ms) {
      cli::report("the window is empty", "times are rounded to milliseconds");
      return std::nullopt;
    }
  }
  for (const std::string& text : given.fill) {
    const auto fill = clip::parse_fill(text);
    if (!fill || options.fill.size() == clip::kFillsMax) {
      cli::report("--fill " + text + ": no rectangle in the picture, or too many",
                  "left,top,width,height in thousandths of the picture; at most 16");
      return std::nullopt;
    }
    options.fill.push_back(*fill);
  }
  const bool sketch = options.profile == clip::Profile::kSketch;
  if (sketch ? options.sound : !options.fill.empty()) {
    cli::report(sketch ? "a sketch has no sound" : "an original picture is not filled",
                "--profile original-picture keeps sound, sketch fills");
    return std::nullopt;
  }
  return options;
}

// Where nothing can be put in the place of what is there: kExitUsage, after that was said. What is
// a link or no file (a device, a FIFO) would be gone once the result takes its name.
bool can_take_place_of(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return true;
  cli::report(path + ": is there and no regular file",
              "the result takes the place of OUT: give a name that is free, or a file's");
  return false;
}

// The result as it comes, into a file that is not in its place yet.
Result<clip::ClipResult> receive(clip::ClipRun& run, cli::NewFile& out, const std::string& name) {
  cli::Progress progress;
  std::uint64_t bytes = 0;
  TRY(const clip::ClipResult result, drain(run, [&](std::span<const std::byte> part) -> Status {
        bytes += part.size();
        progress.show(name + ": " + std::to_string(bytes / 1'000'000) + " MB");
        return out.write({reinterpret_cast<const char*>(part.data()), part.size()});
      }));
  return result;
}

void tell(const MinimizeClipOptions& given, const clip::ClipResult& result) {
  const clip::Report& worker = *result.worker.report;
  const auto codec = std::string(literal_of(worker.codec).view());
  if (given.json) {
    std::cout << to_json(given.profile, result).dump() << "\n";
    return;
  }
  std::cout << given.out << ": " << given.profile << " of " << codec << ", " << worker.width
            << " x " << worker.height << ", " << worker.frames << " pictures in "
            << static_cast<double>(worker.window_ms) / 1000 << " s, " << worker.bytes << " bytes"
            << (worker.sound ? ", with sound" : "") << (worker.truncated ? ", cut off" : "")
            << "\n";
}

int run_minimize(const MinimizeClipOptions& given) {
  const auto options = options_of(given);
  if (!options) return cli::kExitUsage;
  if (!can_take_place_of(given.out)) return cli::kExitUsage;
  const Result<OpenClip> clip = open_clip(given.in);
  if (!clip) return cli::report(given.in, clip.error());
  Result<clip::ClipRun> run = start_clip(given.program, *options, *clip);
  if (!run) return cli::report("sudare-clip", run.error(), "--program FILE says where it is");
  Result<cli::NewFile> out = cli::NewFile::open(given.out);
  if (!out) return cli::report(given.out, out.error());
  const auto result = receive(*run, *out, given.out);
  if (!result) return cli::report(given.out, result.error());
  if (!result->ok()) return report_failure(given.in, given.profile, *result, given.json);
  const Status committed = out->commit();
  if (!committed) return cli::report(given.out, committed.error());
  tell(given, *result);
  return cli::kExitOk;
}

}  // namespace

void add_clip(CLI::App& app, int& exit_code) {
  CLI::App* clip = app.add_subcommand("clip", "drive recorders' clips");
  clip->require_subcommand(1);
  auto options = std::make_shared<MinimizeClipOptions>();
  CLI::App* minimize =
      clip->add_subcommand("minimize", "rebuild a clip without what tells where, when and who");
  minimize->add_option("IN", options->in, "a clip: MP4, MOV, 3GP, MPEG-TS or AVI")->required();
  minimize->add_option("OUT", options->out, "the rebuilt clip, an MP4")
      ->required()
      ->check(cli::refuse_standard_output);
  minimize
      ->add_option("--profile", options->profile,
                   "sketch (default): small and soft; original-picture: the same pictures")
      ->type_name("NAME");
  CLI::Option* from =
      minimize->add_option("--from", options->from_s, "start of the window")->type_name("SECONDS");
  CLI::Option* to =
      minimize->add_option("--to", options->to_s, "end of the window")->type_name("SECONDS");
  from->needs(to);
  to->needs(from);
  minimize->add_flag("--sound", options->sound, "keep AAC sound (original-picture)");
  minimize
      ->add_option("--fill", options->fill,
                   "rectangle to fill, in thousandths of the picture (sketch)")
      ->type_name("L,T,W,H")
      ->expected(1)
      ->take_all();
  minimize->add_option("--program", options->program, "sudare-clip; default: beside this program")
      ->type_name("FILE");
  minimize->add_flag("--json", options->json, "print JSON");
  minimize->callback([options, &exit_code] { exit_code = run_minimize(*options); });
  add_clip_inspect(*clip, exit_code);
}

}  // namespace sudare::commands
