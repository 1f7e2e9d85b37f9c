#include "gateway/clips/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "base/log.h"

namespace sudare {
namespace {

// A memory card that is put in is found this soon; so are files beyond kSpoolFilesMax.
constexpr std::int64_t kCheckMs = 10'000;

constexpr std::uint32_t kFileEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr std::uint32_t kDirectoryGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

FileState state_of(const struct stat& info) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  return {static_cast<std::uint64_t>(info.st_size),
          info.st_mtim.tv_sec * kNsPerSecond + info.st_mtim.tv_nsec};
}

enum class Writers { kNone, kSome, kUnknown };

Writers writers_of(int fd) {
  // Whoever opens the file for writing between the two calls would have this process killed by the
  // default signal, SIGIO; SIGURG is ignored.
  if (fcntl(fd, F_SETSIG, SIGURG) != 0) return Writers::kUnknown;
  if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
    return errno == EAGAIN ? Writers::kSome : Writers::kUnknown;
  }
  fcntl(fd, F_SETLEASE, F_UNLCK);
  return Writers::kNone;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

}  // namespace

Spool::Spool(std::string directory, const Clock& clock)
    : path_(std::move(directory)), clock_(clock) {}

bool Spool::tend() {
  changed_ = false;
  const bool check = clock_.monotonic_ms() >= next_check_ms_;
  if (check) next_check_ms_ = clock_.monotonic_ms() + kCheckMs;
  // A card that was mounted over the directory says nothing to those who watch what is below.
  if (check && watch_.open() && !directory().open()) gone();
  if (check && !watch_.open()) watch_directory();
  if (watch_.open()) read_events();
  if (watch_.open() && (look_through_ || (check && beyond_))) look_through();
  return changed_;
}

std::int64_t Spool::next_ms() const {
  return std::max<std::int64_t>(next_check_ms_ - clock_.monotonic_ms(), 0);
}

clip::OwnedFd Spool::directory() const {
  clip::OwnedFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info {};
  const bool same = directory.open() && fstat(directory.get(), &info) == 0 &&
                    info.st_dev == device_ && info.st_ino == inode_;
  if (!same) directory.reset();
  return directory;
}

void Spool::watch_directory() {
  const clip::OwnedFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info {};
  if (!directory.open() || fstat(directory.get(), &info) != 0) return;
  clip::OwnedFd watch(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  // Of the directory that was opened, whatever its path names by now.
  const std::string opened = "/proc/self/fd/" + std::to_string(directory.get());
  if (!watch.open() ||
      inotify_add_watch(watch.get(), opened.c_str(),
                        kFileEvents | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0) {
    log_error("spool_not_watched", Error{ErrorCode::kIo, "clips: inotify", errno});
    return;
  }
  device_ = info.st_dev;
  inode_ = info.st_ino;
  watch_ = std::move(watch);
  look_through_ = true;
  log_event(LogLevel::kInfo, "spool_watched");
}

void Spool::gone() {
  watch_.reset();
  files_.clear();
  look_through_ = changed_ = true;
  log_event(LogLevel::kWarning, "spool_gone");
}

void Spool::came(int directory, const std::string& name, bool closed) {
  struct stat info {};
  if (fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) {
    return;
  }
  if (!files_.contains(name) && files_.size() >= kSpoolFilesMax) {
    beyond_ = true;
    return;
  }
  const auto [entry, added] = files_.try_emplace(name);
  SpoolFile& file = entry->second;
  const bool other = added || !(file.state == state_of(info));
  if (!other && (!closed || file.settled)) return;
  file = SpoolFile();
  file.seen_ms = clock_.monotonic_ms();
  file.closed = closed;
  file.state = state_of(info);
  file.state_ms = file.seen_ms;
  changed_ = true;
}

void Spool::look_through() {
  const clip::OwnedFd opened = directory();
  const int copy = opened.open() ? fcntl(opened.get(), F_DUPFD_CLOEXEC, 0) : -1;
  const std::unique_ptr<DIR, CloseDirectory> entries(copy < 0 ? nullptr : fdopendir(copy));
  if (!entries) return gone();
  beyond_ = false;
  std::set<std::string> there;
  // Beyond this, a flood of files would hold up the gateway.
  for (std::size_t i = 0; i < 10 * kSpoolFilesMax; ++i) {
    const dirent* const entry = readdir(entries.get());
    if (entry == nullptr) break;
    if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN) continue;
    there.insert(entry->d_name);
    came(opened.get(), entry->d_name, false);
  }
  const std::size_t left =
      std::erase_if(files_, [&there](const auto& file) { return !there.contains(file.first); });
  changed_ = changed_ || left > 0;
  look_through_ = false;
}

void Spool::read_events() {
  alignas(inotify_event) std::array<char, 8192> buffer{};
  clip::OwnedFd opened;
  while (watch_.open()) {
    const ssize_t count = ::read(watch_.get(), buffer.data(), buffer.size());
    if (count <= 0) return;
    if (!opened.open()) opened = directory();
    for (ssize_t at = 0; at < count;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event) + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) look_through_ = true;
      if ((event.mask & kDirectoryGone) != 0) return gone();
      if ((event.mask & IN_ISDIR) != 0 || event.len == 0) continue;
      if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) came(opened.get(), name, true);
      if ((event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
        changed_ = files_.erase(name) > 0 || changed_;
      }
    }
  }
}

Result<Spool::Opened> Spool::open(const std::string& name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return fail(ErrorCode::kNotFound, "clips: no such file");
  // Not to wait for the other end of a FIFO that took the file's place.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const clip::OwnedFd from = directory();
  clip::OwnedFd file(openat(from.get(), name.c_str(), kFlags | O_NOATIME));
  // Only a file's owner may leave its time of access alone.
  if (!file.open() && errno == EPERM) {
    file = clip::OwnedFd(openat(from.get(), name.c_str(), kFlags));
  }
  struct stat info {};
  const bool gone = !file.open() && (errno == ENOENT || errno == ELOOP);
  if (!file.open() && !gone) return fail(ErrorCode::kIo, "clips: the file can't be opened", errno);
  if (gone || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    files_.erase(found);
    return fail(ErrorCode::kNotFound, "clips: no such file");
  }
  SpoolFile& known = found->second;
  const std::int64_t now = clock_.monotonic_ms();
  if (!(known.state == state_of(info))) {
    known.state = state_of(info);
    known.state_ms = now;
  }
  const Writers writers = writers_of(file.get());
  const bool quiet = known.closed || now - known.state_ms >= kQuietMs;
  if (writers == Writers::kSome || (writers == Writers::kUnknown && !quiet)) {
    // Where somebody writes, the close will tell.
    known.not_before_ms = now + kQuietMs;
    return fail(ErrorCode::kUnavailable, "clips: the file is being written");
  }
  return Opened{std::move(file), state_of(info)};
}

bool Spool::unchanged(const Opened& opened) {
  struct stat info {};
  return fstat(opened.file.get(), &info) == 0 && state_of(info) == opened.state;
}

Status Spool::remove(const std::string& name, const FileState& state) {
  struct stat info {};
  const clip::OwnedFd from = directory();
  if (fstatat(from.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(info.st_mode) || !(state_of(info) == state)) {
    return fail(ErrorCode::kUnavailable, "clips: another file took its place");
  }
  if (unlinkat(from.get(), name.c_str(), 0) != 0) {
    return fail(ErrorCode::kIo, "clips: the file can't be deleted", errno);
  }
  files_.erase(name);
  return Done{};
}

}  // namespace sudare
