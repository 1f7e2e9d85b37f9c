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
// That settled files went is no hurry: it only makes room in the ledger.
constexpr std::int64_t kLookForGoneMs = 600'000;

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

Spool::Spool(std::string directory, const Clock& clock, Judge judge)
    : path_(std::move(directory)), clock_(clock), judge_(std::move(judge)) {}

bool Spool::tend() {
  changed_ = false;
  const bool check = clock_.monotonic_ms() >= next_check_ms_;
  if (check) next_check_ms_ = clock_.monotonic_ms() + kCheckMs;
  // A card that was mounted over the directory says nothing to those who watch what is below.
  if (check && watch_.open() && !directory().open()) gone();
  if (check && !watch_.open()) watch_directory();
  if (watch_.open()) read_events();
  const bool some_went =
      some_went_ && clock_.monotonic_ms() - last_look_ms_ >= kLookForGoneMs && check;
  if (watch_.open() && (look_through_ || (check && beyond_) || some_went)) look_through();
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

// Of a file that was only found, and will be again.
bool Spool::make_room() {
  const auto found = std::find_if(files_.begin(), files_.end(), [](const auto& entry) {
    const SpoolFile& file = entry.second;
    return !file.closed && !file.expected && !file.done;
  });
  if (found == files_.end()) return false;
  files_.erase(found);
  beyond_ = true;
  return true;
}

void Spool::came(int directory, const std::string& name, bool closed) {
  struct stat info {};
  if (fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) {
    return;
  }
  const FileState state = state_of(info);
  const Standing standing = judge_(name, state, closed);
  if (standing == Standing::kSettled) {
    changed_ = files_.erase(name) > 0 || changed_;
    return;
  }
  const auto known = files_.find(name);
  const bool same = known != files_.end() && known->second.state == state;
  if (same && (!closed || known->second.done)) return;
  const bool must = closed || standing == Standing::kExpected;
  if (known == files_.end() && files_.size() >= kSpoolFilesMax && !(must && make_room())) {
    beyond_ = true;
    return;
  }
  SpoolFile& file = files_[name] = SpoolFile();
  file.seen_ms = file.state_ms = clock_.monotonic_ms();
  file.closed = closed;
  file.expected = standing == Standing::kExpected;
  file.done = standing == Standing::kDone;
  file.state = state;
  changed_ = true;
}

void Spool::look_through() {
  const clip::OwnedFd opened = directory();
  const int copy = opened.open() ? fcntl(opened.get(), F_DUPFD_CLOEXEC, 0) : -1;
  const std::unique_ptr<DIR, CloseDirectory> entries(copy < 0 ? nullptr : fdopendir(copy));
  if (!entries) return gone();
  const bool was_cut = std::exchange(cut_, false);
  beyond_ = some_went_ = false;
  found_ = 0;
  std::set<std::string> there;
  for (std::size_t i = 0;; ++i) {
    const dirent* const entry = readdir(entries.get());
    if (entry == nullptr) break;
    // Beyond this, a flood of files would hold up the gateway.
    if (i == kSpoolEntriesMax) {
      cut_ = true;
      break;
    }
    if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN) continue;
    ++found_;
    came(opened.get(), entry->d_name, false);
    if (files_.contains(entry->d_name)) there.insert(entry->d_name);
  }
  if (cut_ && !was_cut) log_event(LogLevel::kWarning, "spool_too_full");
  const std::size_t known = files_.size();
  if (!cut_) {
    std::erase_if(files_, [&there](const auto& file) { return !there.contains(file.first); });
  }
  changed_ = changed_ || files_.size() != known;
  look_through_ = false;
  last_look_ms_ = clock_.monotonic_ms();
  ++looks_;
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
        const bool was_known = files_.erase(name) > 0;
        changed_ = changed_ || was_known;
        some_went_ = some_went_ || !was_known;
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
  if (!from.open()) return fail(ErrorCode::kIo, "clips: the directory is gone", ENOENT);
  if (fstatat(from.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT) return fail(ErrorCode::kIo, "clips: the file can't be deleted", errno);
    files_.erase(name);
    return fail(ErrorCode::kNotFound, "clips: no such file");
  }
  if (!S_ISREG(info.st_mode) || !(state_of(info) == state)) {
    files_.erase(name);
    came(from.get(), name, false);
    return fail(ErrorCode::kUnavailable, "clips: another file took its place");
  }
  if (unlinkat(from.get(), name.c_str(), 0) != 0) {
    return fail(ErrorCode::kIo, "clips: the file can't be deleted", errno);
  }
  files_.erase(name);
  return Done{};
}

}  // namespace sudare
