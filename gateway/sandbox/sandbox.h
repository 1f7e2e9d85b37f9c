// What sudare-gateway gives up once it has opened everything and before it reads the first message:
// to gain privileges, to execute or load code, to make processes, and every system call that its
// work does not take (seccomp: the kernel kills the process at any other); to read beyond its
// configuration's files, to write beyond its state directory, and to open connections to other
// ports than its brokers' (Landlock, as far as the kernel knows it). There is no way back and no
// switch that turns it off.
//
// What is left to an attacker who has taken it over: its keys and the messages to come, and whoever
// listens at the brokers' ports. Names are resolved by what is in the C library itself (files and
// DNS): a module of nsswitch.conf would be code to load.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/sandbox/landlock.h"
#include "clip/run/starter.h"
#include "gateway/config/config_plan.h"

namespace sudare {

struct SandboxLevel {
  bool calls = false;            // the kernel looks at system calls
  LandlockVersion landlock = 0;  // 0: it does not look at paths; 4 and later: nor at ports
};

// First of all: what will start sudare-clip when this process can't any more. Null where no clip is
// configured. kIo.
[[nodiscard]] Result<std::unique_ptr<clip::Starter>> clip_starter(const GatewayConfigPlan& plan);

// For this thread and those that it starts; before there are others. kIo where anything but
// Landlock is missing: then the gateway does not start.
[[nodiscard]] Result<SandboxLevel> enter_sandbox(const GatewayConfigPlan& plan);

}  // namespace sudare
