// `sudare minimize`: messages in, what would be released out, without a broker or a seal.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "fleet/cli/console.h"
#include "fleet/cli/line_reader.h"
#include "fleet/cli/policy_files.h"
#include "fleet/commands/commands.h"
#include "fleet/preview/preview_lines.h"

namespace sudare::commands {
namespace {

struct MinimizeOptions {
  cli::PolicyFiles files;
  std::optional<std::string> root_phrase;
  bool explain = false;
};

void report_line(std::uint64_t number, const Error& error) {
  cli::report("line " + std::to_string(number), error,
              R"({"topic": "...", "time_ms": 1700000000000, "payload": ...}, or "payload_base64")");
}

int run_lines(PreviewLines& lines) {
  constexpr std::size_t kFlushBytes = 64 * 1024;
  cli::LineReader reader(STDIN_FILENO);
  std::string line;
  std::string out;
  bool failed = false;
  cli::stop_on_signals();
  while (!cli::stopped()) {
    const Result<cli::LineReader::Outcome> next = reader.next(line);
    if (!next) return cli::report("standard input", next.error());
    if (*next == cli::LineReader::Outcome::kEnd) break;
    Status done = *next == cli::LineReader::Outcome::kTooLong
                      ? fail(ErrorCode::kTooLarge, "longer than 1 MiB")
                      : Status(Done{});
    if (done && line.find_first_not_of(" \t") != std::string::npos) done = lines.append(line, out);
    if (!done) {
      report_line(reader.number(), done.error());
      failed = true;
    }
    // Whoever pipes lines in one by one sees each answer at once; files are written in blocks.
    if (reader.waits() || out.size() >= kFlushBytes) {
      std::cout << out << std::flush;
      out.clear();
    }
    if (!std::cout.good()) return cli::report("output: can't be written", "is the disk full?");
  }
  lines.append_end(out);
  std::cout << out << std::flush;
  if (!std::cout.good()) return cli::report("output: can't be written", "is the disk full?");
  return failed ? cli::kExitFailure : cli::kExitOk;
}

int run(const MinimizeOptions& options) {
  int exit_code = cli::kExitOk;
  const auto loaded = cli::load_or_report(options.files, exit_code);
  if (loaded == nullptr) return exit_code;
  PreviewKeys keys = options.root_phrase ? PreviewKeys(*loaded->policy, *options.root_phrase)
                                         : PreviewKeys(*loaded->policy);
  PreviewLines lines(*loaded->policy, keys,
                     {options.files.policy, options.explain, options.root_phrase.has_value()});
  return run_lines(lines);
}

}  // namespace

void add_minimize(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<MinimizeOptions>();
  CLI::App* minimize = app.add_subcommand(
      "minimize", "show what a policy would release of messages on standard input, as NDJSON");
  minimize->add_option("--policy", options->files.policy, "the policy")
      ->type_name("FILE")
      ->required();
  cli::add_policy_options(*minimize, options->files);
  minimize->add_flag("--explain", options->explain,
                     "also a line for what is not released, and why");
  minimize->add_option("--root-phrase", options->root_phrase,
                       "pseudonyms of a car whose root key is the SHA-256 of this text; for tests "
                       "and examples only");
  minimize->footer(
      "Reads lines {\"topic\": \"...\", \"time_ms\": 1700000000000, \"payload\": <JSON value>}, "
      "or\n"
      "with \"payload_base64\" (Protobuf). The stages are the gateway's own; consent counts as\n"
      "given. What is held back at the end of the input is dropped, as at a restart. Exit 1: a "
      "line could not be read; the others were.\n");
  minimize->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
