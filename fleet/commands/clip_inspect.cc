// `sudare clip inspect FILE`: what in a clip tells who, where and when. Never the value.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "fleet/cli/console.h"
#include "fleet/commands/clip.h"
#include "fleet/commands/clip_findings.h"

namespace sudare::commands {
namespace {

struct InspectClipOptions {
  std::string file;
  std::string program;
  bool json = false;
};

int run_inspect(const InspectClipOptions& given) {
  const Result<OpenClip> clip = open_clip(given.file);
  if (!clip) return cli::report(given.file, clip.error());
  Result<clip::ClipRun> run = start_clip(given.program, clip::Options{}, *clip);
  if (!run) return cli::report("sudare-clip", run.error(), "--program FILE says where it is");
  ClipFindings findings(given.json, std::cout);
  const auto result =
      drain(*run, [&findings](std::span<const std::byte> part) { return findings.take(part); });
  if (!result) return cli::report(given.file, result.error());
  if (!result->ok()) return report_failure(given.file, "", *result, false);
  if (!given.json && result->worker.report->findings == 0) {
    std::cout << given.file << ": nothing found that tells where, when, who or which device\n";
  }
  return cli::kExitOk;
}

}  // namespace

void add_clip_inspect(CLI::App& clip, int& exit_code) {
  auto options = std::make_shared<InspectClipOptions>();
  CLI::App* inspect =
      clip.add_subcommand("inspect", "say what in a clip tells where, when, who and which device");
  inspect->add_option("FILE", options->file, "a clip")->required();
  inspect->add_option("--program", options->program, "sudare-clip; default: beside this program")
      ->type_name("FILE");
  inspect->add_flag("--json", options->json, "print NDJSON");
  inspect->callback([options, &exit_code] { exit_code = run_inspect(*options); });
}

}  // namespace sudare::commands
