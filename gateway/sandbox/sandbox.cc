#include "gateway/sandbox/sandbox.h"

#include <sys/prctl.h>

#include <cerrno>

#include "gateway/mqtt/tls_context.h"
#include "gateway/sandbox/calls.h"
#include "gateway/sandbox/paths.h"

namespace sudare {

Result<std::unique_ptr<clip::Starter>> clip_starter(const GatewayConfigPlan& plan) {
  if (!plan.clips) return std::unique_ptr<clip::Starter>();
  return clip::Starter::fork(plan.clips->program);
}

Result<SandboxLevel> enter_sandbox(const GatewayConfigPlan& plan) {
  TRY(prepare_tls());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(ErrorCode::kIo, "sandbox: prctl", errno);
  }
  SandboxLevel level;
  TRY(level.landlock, forbid_other_paths(plan));
  TRY(forbid_other_calls(plan.clips.has_value()));
  level.calls = true;
  return level;
}

}  // namespace sudare
