// sudare-gateway: the program on the car.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/config/command_line.h"
#include "gateway/config/load_config.h"
#include "gateway/pipeline_loop.h"
#include "gateway/pipeline_policy.h"
#include "gateway/pipeline_start.h"

namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// A core file would hold what the car said, in the clear.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);
}

// What the car says passes through all of the memory, and swap would keep it: whatever is touched
// stays locked from now on. Under a limit a later allocation could fail for that, so without one
// (LimitMEMLOCK=infinity) or the right not to care (CAP_IPC_LOCK, which a limit of 0 tells) nothing
// is locked.
bool lock_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? RLIM_INFINITY : 0;
  (void)setrlimit(RLIMIT_MEMLOCK, &limit);
  const bool locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_MEMLOCK, &limit);
  return locked;
}

bool any_error(const sudare::Diagnostics& diagnostics) {
  for (const sudare::Diagnostic& one : diagnostics) {
    if (one.severity() == sudare::DiagnosticSeverity::kError) return true;
  }
  return false;
}

int check(const sudare::GatewayConfigPlan& plan, const std::string& file) {
  sudare::Diagnostics diagnostics = check_config_files(plan);
  const sudare::SystemClock clock;
  sudare::PolicyFiles::Load load =
      sudare::PolicyFiles(plan).load(clock.wall_ms() / sudare::kMsPerDay, {});
  for (sudare::Diagnostic& one : load.diagnostics) diagnostics.push_back(std::move(one));
  sudare::print(diagnostics);
  if (any_error(diagnostics) || !load.policy) return kFailure;
  std::printf("%s: ok\n", file.c_str());
  return 0;
}

int run(const sudare::GatewayConfigPlan& plan) {
  sudare::block_gateway_signals();
  sudare::log_setup(plan.log_format, plan.log_level);
  if (!lock_memory()) sudare::log_event(sudare::LogLevel::kWarning, "memory_not_locked");
  const sudare::SystemClock clock;
  sudare::Diagnostics diagnostics;
  const auto gateway = sudare::Gateway::start(plan, clock, diagnostics);
  sudare::print(diagnostics);
  if (!gateway) return kFailure;
  sudare::log_event(sudare::LogLevel::kInfo, "started");
  const bool threads_ended = gateway->run();
  const int status = gateway->start_again() ? kFailure : 0;
  if (!threads_ended) std::_Exit(status);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  forbid_core_dumps();
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  const std::vector<const char*> arguments(words.begin() + (words.empty() ? 0 : 1), words.end());
  const sudare::CommandLine line = sudare::read_command_line(
      words.empty() ? "sudare-gateway" : words[0], arguments, SUDARE_VERSION);
  std::fputs(line.text.c_str(), line.usage_error ? stderr : stdout);
  if (!line.command) return line.usage_error ? kUsage : 0;
  const std::string& file = line.command->config_file;
  const sudare::ConfigLoad config = sudare::load_config_file(file);
  sudare::print(config.diagnostics);
  if (!config.plan) return kFailure;
  return line.command->check_only ? check(*config.plan, file) : run(*config.plan);
}
