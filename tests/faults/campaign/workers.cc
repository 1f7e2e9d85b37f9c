#include "tests/faults/campaign/workers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <thread>

namespace sudare::faults {
namespace {

constexpr std::chrono::milliseconds kTick{200};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "of two processes");

}  // namespace

Workers::Workers(std::vector<Job> jobs) : jobs_(std::move(jobs)), children_(jobs_.size(), 0) {
  if (jobs_.empty()) return;
  void* const shared = mmap(nullptr, jobs_.size() * sizeof *done_, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no memory for the workers");
  done_ = static_cast<std::atomic<std::uint64_t>*>(shared);
  for (std::size_t i = 0; i < jobs_.size(); ++i) new (done_ + i) std::atomic<std::uint64_t>(0);
}

Workers::~Workers() {
  if (done_ != nullptr) munmap(done_, jobs_.size() * sizeof *done_);
}

void Workers::start(std::size_t job) {
  (void)std::fflush(nullptr);  // what is buffered would be written twice
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) {
    children_[job] = pid;
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  const int log = open(jobs_[job].log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0 || dup2(log, STDERR_FILENO) < 0) _exit(1);
  int status = 0;
  try {
    jobs_[job].work(done_[job]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    status = 1;
  }
  (void)std::fflush(nullptr);
  _exit(status);
}

bool Workers::reap(std::size_t job) {
  int status = 0;
  if (waitpid(children_[job], &status, WNOHANG) != children_[job]) return false;
  children_[job] = 0;
  jobs_[job].ended(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return true;
}

void Workers::run(unsigned at_a_time, const std::function<bool()>& tick) {
  std::size_t next = 0;
  unsigned running = 0;
  bool stopping = false;
  while (running > 0 || (next < jobs_.size() && !stopping)) {
    while (!stopping && running < at_a_time && next < jobs_.size()) {
      start(next++);
      ++running;
    }
    std::this_thread::sleep_for(kTick);
    for (std::size_t job = 0; job < next; ++job) {
      if (children_[job] > 0 && reap(job)) --running;
    }
    if (stopping || tick()) continue;
    stopping = true;
    for (const pid_t child : children_) {
      if (child > 0) kill(child, SIGTERM);
    }
  }
}

}  // namespace sudare::faults
