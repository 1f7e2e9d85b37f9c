// A list of system calls that are left to a process (seccomp). Any other call, and any call by
// another architecture's numbers (32 bits on x86-64), kills the process at once.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "base/result.h"

namespace sudare {

// Of a system call, by position, under a mask: pointers are only addresses here.
struct CallArgument {
  unsigned position = 0;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};
};

// Where a rule can't be made, load() says so. Calls are numbered by libseccomp's SCMP_SYS; one that
// an architecture does not have is passed over.
class CallFilter {
 public:
  CallFilter();
  // For another architecture than this program's (SCMP_ARCH_…): to be looked at, not to be loaded.
  explicit CallFilter(std::uint32_t architecture);

  void allow(std::initializer_list<int> calls);
  // Only where all of these hold.
  void allow_if(int call, std::initializer_list<CallArgument> arguments);
  // The call does nothing and fails with this errno.
  void refuse(std::initializer_list<int> calls, unsigned error);
  void refuse_if(int call, unsigned error, std::initializer_list<CallArgument> arguments);

  // For every thread of the process. PR_SET_NO_NEW_PRIVS must be set. kIo where the kernel has no
  // seccomp or a rule is not right.
  Status load();
  // What load() gives to the kernel, as instructions of the Berkeley packet filter over a struct
  // seccomp_data. kIo.
  [[nodiscard]] Result<std::vector<sock_filter>> program() const;

 private:
  struct End {
    void operator()(void* filter) const;
  };
  void add(std::uint32_t action, int call, std::initializer_list<CallArgument> arguments);
  void keep(int result);

  std::unique_ptr<void, End> filter_;
  int error_ = 0;
};

}  // namespace sudare
