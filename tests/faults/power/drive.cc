#include "tests/faults/power/drive.h"

#include <algorithm>

namespace sudare::faults {
namespace {

std::string_view text_of(const Drive::Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool Drive::read(std::uint64_t offset, std::span<std::uint8_t> into) {
  const std::lock_guard lock(mutex_);
  if (off_) return false;
  std::copy_n(seen_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  return true;
}

bool Drive::write(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  const std::lock_guard lock(mutex_);
  if (off_) return false;
  std::copy(bytes.begin(), bytes.end(), seen_.begin() + static_cast<std::ptrdiff_t>(offset));
  cache_.push_back({writes_++, offset, Bytes(bytes.begin(), bytes.end())});
  return true;
}

void Drive::apply(const Write& write) {
  std::copy(write.bytes.begin(), write.bytes.end(),
            medium_.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

bool Drive::flush(std::uint64_t writes) {
  const std::lock_guard lock(mutex_);
  if (off_) return false;
  ++flushes_;
  const bool last = cut_at_flush_ && flushes_ >= *cut_at_flush_;
  if (!lies_ && (!last || cut_after_)) {
    const auto rest = std::find_if(cache_.begin(), cache_.end(),
                                   [&](const Write& one) { return one.number >= writes; });
    std::for_each(cache_.begin(), rest, [&](const Write& one) { apply(one); });
    cache_.erase(cache_.begin(), rest);
  }
  if (last) {
    off_ = true;
    changed_.notify_all();
  }
  return !last;
}

std::uint64_t Drive::writes() {
  const std::lock_guard lock(mutex_);
  return writes_;
}

void Drive::lie() {
  const std::lock_guard lock(mutex_);
  lies_ = true;
}

void Drive::cut() {
  const std::lock_guard lock(mutex_);
  off_ = true;
  changed_.notify_all();
}

void Drive::cut_at_flush(std::uint64_t n, bool after) {
  const std::lock_guard lock(mutex_);
  cut_at_flush_ = flushes_ + n;
  cut_after_ = after;
}

bool Drive::wait_cut(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return off_; });
}

void Drive::restart(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  // Of a hundred sectors so many survive: none, all, or something between. A sector that was
  // written twice may keep either, as the writes go to the medium in any order.
  constexpr unsigned kSurvive[] = {0, 10, 50, 90, 100};
  const unsigned survive = lies_ ? 0 : kSurvive[random() % std::size(kSurvive)];
  std::shuffle(cache_.begin(), cache_.end(), random);
  for (const Write& write : cache_) {
    for (std::size_t at = 0; at < write.bytes.size(); at += kSectorBytes) {
      if (random() % 100 >= survive) continue;
      const auto end = std::min(at + kSectorBytes, write.bytes.size());
      apply({write.number, write.offset + at,
             Bytes(write.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   write.bytes.begin() + static_cast<std::ptrdiff_t>(end))});
    }
  }
  seen_ = medium_;
  cache_.clear();
  writes_ = flushes_ = 0;
  cut_at_flush_.reset();
  off_ = false;
}

std::string_view Drive::medium() const { return text_of(medium_); }
std::string_view Drive::with_cache() const { return text_of(seen_); }

}  // namespace sudare::faults
