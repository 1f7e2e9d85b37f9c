// `sudare clip inspect FILE`: what in a clip tells who, where and when. Never the value.
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fleet/cli/console.h"
#include "fleet/commands/clip.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

// A line of sudare-clip has a place and numbers in it, no value.
constexpr std::size_t kLineBytesMax = 4096;
// So that a worker that was taken over can't fill a terminal or this program's memory.
constexpr std::uint64_t kFindingsMax = 100'000;

struct InspectClipOptions {
  std::string file;
  std::string program;
  bool json = false;
};

// Prints findings as their lines come in.
class Findings {
 public:
  explicit Findings(bool json) : json_(json) {}

  Status take(std::span<const std::byte> part) {
    text_.append(reinterpret_cast<const char*>(part.data()), part.size());
    std::size_t start = 0;
    for (std::size_t end = text_.find('\n'); end != std::string::npos;
         start = end + 1, end = text_.find('\n', start)) {
      TRY(line(std::string_view(text_).substr(start, end - start)));
    }
    text_.erase(0, start);
    if (text_.size() > kLineBytesMax) return fail(ErrorCode::kTooLarge, "a finding too long");
    return Done{};
  }

 private:
  Status line(std::string_view text) {
    const Json read = Json::parse(text, nullptr, false);
    if (!read.is_object() || ++count_ > kFindingsMax) {
      return fail(ErrorCode::kMalformed, "a finding that is none");
    }
    // Only what a finding has, in the form that it has.
    const auto word = [&read](const char* key) {
      return read.contains(key) && read[key].is_string() ? read[key].get<std::string>() : "";
    };
    const auto number = [&read](const char* key) {
      return read.contains(key) && read[key].is_number_unsigned() ? read[key].get<std::uint64_t>()
                                                                  : 0;
    };
    const Json finding{{"what", word("what")},
                       {"tells", word("tells")},
                       {"where", word("where")},
                       {"offset", number("offset")},
                       {"bytes", number("bytes")}};
    if (json_) {
      std::cout << finding.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
      return Done{};
    }
    if (count_ == 1) row("TELLS", "WHAT", "OFFSET", "BYTES", "WHERE");
    row(printable(finding["tells"]), printable(finding["what"]), finding["offset"].dump(),
        finding["bytes"].dump(), printable(finding["where"]));
    return Done{};
  }

  static std::string printable(const Json& word) {
    auto text = word.get<std::string>();
    for (char& letter : text) {
      if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') letter = '?';
    }
    return text;
  }

  static void row(const std::string& tells, const std::string& what, const std::string& offset,
                  const std::string& bytes, const std::string& where) {
    std::cout << std::left << std::setw(14) << tells << " " << std::setw(22) << what << " "
              << std::right << std::setw(11) << offset << " " << std::setw(9) << bytes << "  "
              << where << "\n";
  }

  bool json_;
  std::string text_;
  std::uint64_t count_ = 0;
};

int run_inspect(const InspectClipOptions& given) {
  const Result<OpenClip> clip = open_clip(given.file);
  if (!clip) return cli::report(given.file, clip.error());
  Result<clip::ClipRun> run = start_clip(given.program, clip::Options{}, *clip);
  if (!run) return cli::report("sudare-clip", run.error(), "--program FILE says where it is");
  Findings findings(given.json);
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
