// Takes the sandbox's place in sudare-test-gateway-without-sandbox, which is built only where tests
// run in an emulator: that passes on neither seccomp nor Landlock, and makes system calls of its
// own.
#include "gateway/sandbox/sandbox.h"

namespace sudare {

Result<std::unique_ptr<clip::Starter>> clip_starter(const GatewayConfigPlan& /*plan*/) {
  return std::unique_ptr<clip::Starter>();
}

Result<SandboxLevel> enter_sandbox(const GatewayConfigPlan& /*plan*/) { return SandboxLevel{}; }

}  // namespace sudare
