// Jobs in processes of their own, some at a time: what one fault does to its process, to its files'
// names or to its log is nobody else's.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace sudare::faults {

struct Job {
  // In the child, whose standard error goes to `log`. `done` is seen by the parent.
  std::function<void(std::atomic<std::uint64_t>& done)> work;
  std::filesystem::path log;
  // In the parent, once the child has ended; `well`: by itself, with 0.
  std::function<void(bool well)> ended;
};

// Of one thread, while there is no other.
class Workers {
 public:
  // Throws std::runtime_error.
  explicit Workers(std::vector<Job> jobs);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Starts them in their order, at most `at_a_time` at once, until all have ended. `tick` is called
  // some times a second; where it returns false, no more are started, and those that run get
  // SIGTERM.
  void run(unsigned at_a_time, const std::function<bool()>& tick);

  [[nodiscard]] bool runs(std::size_t job) const { return children_[job] > 0; }
  [[nodiscard]] std::uint64_t done(std::size_t job) const { return done_[job]; }

 private:
  void start(std::size_t job);
  // True: it ended.
  bool reap(std::size_t job);

  std::vector<Job> jobs_;
  std::vector<pid_t> children_;                 // 0: not yet, or ended
  std::atomic<std::uint64_t>* done_ = nullptr;  // shared with the children
};

}  // namespace sudare::faults
