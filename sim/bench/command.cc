// `sudare-sim bench`.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "sim/bench/bench.h"
#include "sim/bench/table.h"
#include "sim/commands.h"

namespace sudare::sim {

namespace {

// Where this program lies: the others lie beside it.
std::filesystem::path program_directory() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

struct Options {
  bench::BenchOptions bench;
  std::string codec = "json";
};

int run(const Options& options) {
  using namespace bench;
  std::filesystem::create_directories(options.bench.parts.directory);
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto progress = [&](const std::string& doing) {
    if (terminal) std::fprintf(stderr, "\r%-70s", doing.c_str());
  };
  auto report = run_bench(options.bench, progress);
  progress("");
  if (terminal) std::fputs("\r", stderr);
  if (!report) {
    std::fputs(report.error().to_string().c_str(), stderr);
    return 1;
  }
  std::fputs(table_of(*report).c_str(), stdout);
  return findings(*report).empty() ? 0 : 3;
}

}  // namespace

void add_bench_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  bench::Parts& parts = options->bench.parts;
  parts.programs = program_directory();
  parts.slow_sync = program_directory().parent_path() / "bench/slow_sync.so";
  parts.policy = "deploy/policies/bench.textproto";
  parts.default_policy = "deploy/policies/default.textproto";
  parts.directory = "build/bench";
  CLI::App* command = app.add_subcommand("bench", "the gateway beside a bridge");
  command->add_option("--only", options->bench.only)
      ->delimiter(',')
      ->check(CLI::IsMember(bench::part_names()));
  command->add_option("--rounds", options->bench.rounds)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--readings", options->bench.readings)->capture_default_str();
  command->add_option("--seed", options->bench.seed)->capture_default_str();
  command->add_option("--codec", options->codec)
      ->check(CLI::IsMember({"json", "protobuf"}))
      ->capture_default_str();
  command->callback([options, &status] {
    options->bench.codec = options->codec == "json" ? PayloadCodec::kJson : PayloadCodec::kProtobuf;
    status = run(*options);
  });
}

}  // namespace sudare::sim
