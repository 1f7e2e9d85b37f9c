// How much of a purpose may be sent: a bound in bytes since the start of the process, which the
// committing thread raises (at midnight, or with another policy). Counts every publish, repeated
// ones too, so that the bound is exact.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sudare {

// One thread.
class Allowance {
 public:
  // Purposes that are not in `bytes` have no bound.
  void set(std::map<std::string, std::uint64_t> bytes) {
    if (bytes == bytes_) return;
    bytes_ = std::move(bytes);
    exhausted_.clear();
  }
  // Whether a row may be sent now. Where not, nothing more of its purpose until set().
  bool take(const std::string& purpose, std::uint64_t bytes) {
    const auto bound = bytes_.find(purpose);
    if (bound == bytes_.end()) return true;
    std::uint64_t& used = used_[purpose];
    if (used + bytes > bound->second) {
      exhausted_.insert(purpose);
      return false;
    }
    used += bytes;
    fresh_[purpose] += bytes;
    return true;
  }
  [[nodiscard]] const std::set<std::string>& exhausted() const { return exhausted_; }
  // Bytes taken since the last call, of purposes with a bound.
  std::map<std::string, std::uint64_t> take_fresh() { return std::exchange(fresh_, {}); }

 private:
  std::map<std::string, std::uint64_t> bytes_;
  std::map<std::string, std::uint64_t> used_;
  std::map<std::string, std::uint64_t> fresh_;
  std::set<std::string> exhausted_;
};

}  // namespace sudare
