#include "base/sandbox/call_filter.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace sudare {

void CallFilter::End::operator()(void* filter) const { seccomp_release(filter); }

CallFilter::CallFilter() : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
  if (!filter_) return;
  keep(seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  // A thread that a library started before is no way round.
  keep(seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1));
  // A tree instead of a list: each call passes a handful of comparisons, not a hundred.
  keep(seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
}

CallFilter::CallFilter(std::uint32_t architecture) : CallFilter() {
  if (!filter_ || architecture == seccomp_arch_native()) return;
  keep(seccomp_arch_add(filter_.get(), architecture));
  keep(seccomp_arch_remove(filter_.get(), seccomp_arch_native()));
}

void CallFilter::keep(int result) {
  if (error_ == 0) error_ = -result;
}

void CallFilter::add(std::uint32_t action, int call,
                     std::initializer_list<CallArgument> arguments) {
  std::vector<scmp_arg_cmp> same;
  for (const CallArgument& one : arguments) {
    same.push_back({one.position, SCMP_CMP_MASKED_EQ, one.mask, one.value});
  }
  keep(seccomp_rule_add_array(filter_.get(), action, call, static_cast<unsigned>(same.size()),
                              same.data()));
}

void CallFilter::allow(std::initializer_list<int> calls) {
  for (const int call : calls) add(SCMP_ACT_ALLOW, call, {});
}

void CallFilter::allow_if(int call, std::initializer_list<CallArgument> arguments) {
  add(SCMP_ACT_ALLOW, call, arguments);
}

void CallFilter::refuse(std::initializer_list<int> calls, unsigned error) {
  for (const int call : calls) add(SCMP_ACT_ERRNO(error), call, {});
}

void CallFilter::refuse_if(int call, unsigned error,
                           std::initializer_list<CallArgument> arguments) {
  add(SCMP_ACT_ERRNO(error), call, arguments);
}

Result<std::vector<sock_filter>> CallFilter::program() const {
  if (!filter_) return fail(ErrorCode::kIo, "sandbox: no seccomp filter");
  if (error_ != 0) return fail(ErrorCode::kIo, "sandbox: seccomp rule", error_);
  const int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return fail(ErrorCode::kIo, "sandbox: no memory file", errno);
  const int written = seccomp_export_bpf(filter_.get(), file);
  const off_t bytes = lseek(file, 0, SEEK_END);
  std::vector<sock_filter> instructions(
      bytes < 0 ? 0 : static_cast<std::size_t>(bytes) / sizeof(sock_filter));
  const ssize_t read =
      pread(file, instructions.data(), instructions.size() * sizeof(sock_filter), 0);
  close(file);
  if (written != 0 || read != bytes) {
    return fail(ErrorCode::kIo, "sandbox: seccomp program", -written);
  }
  return instructions;
}

Status CallFilter::load() {
  if (!filter_) return fail(ErrorCode::kIo, "sandbox: no seccomp filter");
  if (error_ != 0) return fail(ErrorCode::kIo, "sandbox: seccomp rule", error_);
  const int loaded = seccomp_load(filter_.get());
  if (loaded != 0) return fail(ErrorCode::kIo, "sandbox: seccomp", -loaded);
  return Done{};
}

}  // namespace sudare
