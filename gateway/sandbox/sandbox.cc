#include "gateway/sandbox/sandbox.h"

#include <sys/prctl.h>

#include <cerrno>

#include "gateway/mqtt/hardware_key.h"
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
  bool hardware_key = false;
  for (const MqttPeer* peer : {&plan.local.peer, &plan.cloud.peer}) {
    TRY(prepare_hardware_key(*peer));
    hardware_key |= key_place(peer->key_file) != KeyPlace::kFile;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(ErrorCode::kIo, "sandbox: prctl", errno);
  }
  SandboxLevel level;
  TRY(level.landlock, forbid_other_paths(plan));
  TRY(forbid_other_calls(plan.clips.has_value(), hardware_key));
  level.calls = true;
  return level;
}

}  // namespace sudare
