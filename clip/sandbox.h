// What a process of sudare-clip gives up before it reads the first byte of a clip: every file
// descriptor but 0, 1 and 2, the file system and the network (Landlock), more memory and processor
// time than the work takes, core dumps, gaining privileges, and every system call that the work
// does not take (seccomp: the kernel kills the process at any other). There is no way back and no
// switch that turns it off. What is left to code that a clip has taken over: to compute, to read
// the clip, and to write to the pipes 1 and 2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "base/sandbox/landlock.h"

namespace sudare::clip {

enum class SandboxInput : std::uint8_t {
  kFile,    // descriptor 0 may be read at any place
  kStream,  // … only onwards
};

struct SandboxLimits {
  SandboxInput input = SandboxInput::kStream;
  std::size_t memory_bytes = 0;   // address space beyond what the process has now
  std::uint64_t cpu_seconds = 0;  // SIGKILL when they are used up
};

// Once, while the process has one thread. kIo where anything but Landlock is missing: then nothing
// may be read. Under AddressSanitizer there is no memory limit, and its own calls are let through.
Result<LandlockVersion> enter_sandbox(const SandboxLimits& limits);

}  // namespace sudare::clip
