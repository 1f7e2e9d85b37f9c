#include "tests/faults/process/strace.h"

#include <unistd.h>

#include <cstdlib>

#include "tests/testkit/sanitized.h"

namespace sudare::faults {

std::vector<std::string> under_strace(const std::filesystem::path& output,
                                      const std::vector<std::string>& options,
                                      const std::filesystem::path& program) {
  std::vector<std::string> command = {"strace", "-D", "-f", "-o", output};
  if (testkit::kSanitized) {
    // LeakSanitizer takes strace for a debugger, and can't look itself.
    const char* const given = std::getenv("ASAN_OPTIONS");
    command.insert(command.end(),
                   {"-E", "ASAN_OPTIONS=" + std::string(given ? given : "") + ":detect_leaks=0"});
  }
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(program);
  return command;
}

std::string no_sight_of_a_gateway() {
  return geteuid() == 0 ? "" : "not run: not root, and the gateway closes its memory to others";
}

}  // namespace sudare::faults
