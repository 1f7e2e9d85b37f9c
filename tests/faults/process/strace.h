// A gateway that strace looks at, and does harm to.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sudare::faults {

// A start by strace, which leaves `program` as this process's child; what it sees goes to `output`.
// It must stop at every call: with its --seccomp-bpf a signal is not sent.
std::vector<std::string> under_strace(const std::filesystem::path& output,
                                      const std::vector<std::string>& options,
                                      const std::filesystem::path& program);

// Why strace can't read the paths that a gateway gives to the kernel; empty: it can. A gateway
// closes its memory to its own user (PR_SET_DUMPABLE).
std::string no_sight_of_a_gateway();

}  // namespace sudare::faults
