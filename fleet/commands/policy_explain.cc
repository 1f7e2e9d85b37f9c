// `sudare policy explain FILE`: the fate of every field of a sample.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/limits.h"
#include "fleet/cli/console.h"
#include "fleet/cli/line_reader.h"
#include "fleet/cli/policy_files.h"
#include "fleet/cli/read_file.h"
#include "fleet/commands/policy_commands.h"
#include "fleet/explain/explain_output.h"
#include "fleet/preview/sample_line.h"

namespace sudare::commands {
namespace {

struct ExplainOptions {
  cli::PolicyFiles files;
  std::string sample_file;
  std::string topic;
  std::string payload_file;
  std::optional<std::int64_t> time_ms;
  bool json = false;
};

class Explaining {
 public:
  Explaining(const ExplainOptions& options, const cli::LoadedPolicy& loaded)
      : options_(options), policy_(*loaded.policy), explainer_(policy_, loaded.schemas) {}

  int one_payload() {
    // One byte more, so that the gateway's own limit can say no.
    const Result<std::string> payload = cli::read_file(options_.payload_file, kPayloadBytesMax + 1);
    if (!payload) return cli::report(options_.payload_file, payload.error());
    print(options_.topic, *payload, options_.time_ms.value_or(SystemClock().wall_ms()));
    return finish(false);
  }

  int sample(int descriptor) {
    cli::LineReader reader(descriptor);
    std::string line;
    bool failed = false;
    for (;;) {
      const Result<cli::LineReader::Outcome> next = reader.next(line);
      if (!next) return cli::report(options_.sample_file, next.error());
      if (*next == cli::LineReader::Outcome::kEnd) break;
      const Status done = *next == cli::LineReader::Outcome::kTooLong
                              ? fail(ErrorCode::kTooLarge, "longer than 1 MiB")
                              : sample_line(line);
      if (done) continue;
      failed = true;
      cli::report(options_.sample_file + ":" + std::to_string(reader.number()), done.error(),
                  R"({"topic": "...", "time_ms": 1700000000000, "payload": ...})");
    }
    return finish(failed);
  }

 private:
  Status sample_line(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return Done{};
    TRY(const SampleLine sample, parse_sample_line(line));
    const SourcePlan* const source = find_source(policy_, sample.topic);
    if (sample.json && source != nullptr && source->codec == Codec::kProtobuf) {
      return fail(ErrorCode::kMalformed, "this topic carries Protobuf: give payload_base64");
    }
    print(sample.topic, sample.payload, sample.time_ms);
    return Done{};
  }

  void print(const std::string& topic, const std::string& payload, std::int64_t time_ms) {
    const Explanation explanation = explainer_.explain(topic, payload, time_ms);
    if (options_.json) {
      std::cout << explanation_json(explanation, options_.files.policy);
    } else {
      std::cout << (first_ ? "" : "\n") << explanation_table(explanation, options_.files.policy);
    }
    first_ = false;
  }

  static int finish(bool failed) {
    std::cout.flush();
    if (!std::cout.good()) return cli::report("output: can't be written", "is the disk full?");
    return failed ? cli::kExitFailure : cli::kExitOk;
  }

  const ExplainOptions& options_;
  const Policy& policy_;
  Explainer explainer_;
  bool first_ = true;
};

int run(const ExplainOptions& options) {
  const bool one = !options.topic.empty() && !options.payload_file.empty();
  const bool part = !options.topic.empty() || !options.payload_file.empty();
  if (one == !options.sample_file.empty() || (part && !one)) {
    cli::report("explain takes either --sample, or --topic with --payload",
                "sudare policy explain --help");
    return cli::kExitUsage;
  }
  int exit_code = cli::kExitOk;
  const auto loaded = cli::load_or_report(options.files, exit_code);
  if (loaded == nullptr) return exit_code;
  Explaining explaining(options, *loaded);
  if (one) return explaining.one_payload();
  if (options.sample_file == "-") return explaining.sample(STDIN_FILENO);
  const int descriptor = open(options.sample_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return cli::report(options.sample_file, Error{ErrorCode::kIo, "open", errno},
                       "NDJSON of messages, or - for standard input");
  }
  exit_code = explaining.sample(descriptor);
  close(descriptor);
  return exit_code;
}

}  // namespace

void add_policy_explain(CLI::App& policy, int& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* explain = policy.add_subcommand(
      "explain", "show what becomes of every field of a sample, before and after, by purpose");
  explain->add_option("FILE", options->files.policy, "the policy")->required();
  explain
      ->add_option("--sample", options->sample_file,
                   "messages as `sudare minimize` reads them; - is standard input")
      ->type_name("NDJSON");
  explain->add_option("--topic", options->topic, "topic of the payload in --payload");
  explain
      ->add_option("--payload", options->payload_file,
                   "file with one payload, as it is on the wire")
      ->type_name("FILE");
  explain->add_option("--time-ms", options->time_ms, "when that payload came; default: now")
      ->check(CLI::NonNegativeNumber);
  cli::add_policy_options(*explain, options->files);
  explain->add_flag("--json", options->json, "print a line of JSON per message");
  explain->footer(
      "What no rule names is listed too. Consent counts as given; rules that look back (rate,\n"
      "on_move) see the messages of the sample in their order.\n");
  explain->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace sudare::commands
