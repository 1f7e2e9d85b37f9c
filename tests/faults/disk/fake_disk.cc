#include "tests/faults/disk/fake_disk.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "tests/faults/disk/fake_vfs.h"

namespace sudare::faults {
namespace {

// Far beyond any quota of these tests. A damaged page number makes SQLite write gigabytes further
// out: a hole on a real disk, memory here.
constexpr std::uint64_t kFileBytesMax = 64U << 20U;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void put(std::string& to, std::uint64_t offset, std::string_view bytes) {
  if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size(), '\0');
  std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(offset));
}

class OpenFile final : public DiskFile {
 public:
  OpenFile(FakeDisk& disk, std::shared_ptr<FakeFile> file) : disk_(disk), file_(std::move(file)) {}
  ~OpenFile() override {
    if (file_->locked_by == this) file_->locked_by = nullptr;
  }

  ssize_t read(char* to, std::size_t bytes, std::uint64_t offset) override {
    if (!disk_.readable()) return -1;
    if (offset >= file_->now.size()) return 0;
    return static_cast<ssize_t>(file_->now.copy(to, bytes, offset));
  }
  ssize_t write(const char* from, std::size_t bytes, std::uint64_t offset) override {
    return disk_.write(*file_, std::string_view(from, bytes), offset);
  }
  std::optional<std::uint64_t> size() override {
    if (!disk_.readable()) return std::nullopt;
    return file_->now.size();
  }
  bool resize(std::uint64_t bytes) override { return disk_.resize(*file_, bytes); }
  bool sync() override { return disk_.sync(*file_); }
  bool lock() override {
    if (file_->locked_by == nullptr) file_->locked_by = this;
    errno = EWOULDBLOCK;
    return file_->locked_by == this;
  }

 private:
  FakeDisk& disk_;
  std::shared_ptr<FakeFile> file_;
};

}  // namespace

// --- a file

void FakeFile::write(std::uint64_t offset, std::string_view bytes) {
  put(now, offset, bytes);
  unsynced.push_back({offset, std::string(bytes), false});
}

void FakeFile::resize(std::uint64_t bytes) {
  now.resize(bytes, '\0');
  unsynced.push_back({bytes, "", true});
}

void FakeFile::sync() {
  for (const Change& change : unsynced) {
    if (change.resize) durable.resize(change.offset, '\0');
    else put(durable, change.offset, change.bytes);
  }
  unsynced.clear();
}

void FakeFile::lose_power(Dice& dice) {
  // Often all or nothing of a write; else its sectors each for themselves.
  for (const Change& change : unsynced) {
    const std::uint64_t mood = dice.below(3);
    if (mood == 0) continue;
    if (change.resize) {
      durable.resize(change.offset, '\0');
      continue;
    }
    for (std::uint64_t at = 0; at < change.bytes.size();) {
      const std::uint64_t in_sector = kSectorBytes - (change.offset + at) % kSectorBytes;
      const std::string_view piece = std::string_view(change.bytes).substr(at, in_sector);
      const std::uint64_t to = change.offset + at;
      at += piece.size();
      if (mood == 2 && dice.once_in(2)) continue;
      const std::uint64_t end = durable.size();
      put(durable, to, piece);
      // A hole that the file grew over, and that nothing was written to: maybe what lay there.
      if (to > end && dice.once_in(4)) {
        for (std::uint64_t hole = end; hole < to; ++hole) {
          durable[hole] = static_cast<char>(dice.number());
        }
      }
    }
  }
  unsynced.clear();
  now = durable;
}

// --- the disk

FakeDisk::FakeDisk(std::uint64_t seed) : dice_(seed) {
  static std::atomic<int> disks = 0;
  vfs_name_ = "sudare-fake-" + std::to_string(disks.fetch_add(1));
  vfs_ = make_fake_vfs(*this, vfs_name_);
  wiping_ = std::make_unique<WipingVfs>(vfs_.get(), vfs_name_ + "-wiping");
}

FakeDisk::~FakeDisk() {
  wiping_.reset();
  end_fake_vfs(*vfs_);
}

bool FakeDisk::step() {
  cut_ = false;
  if (stopped_) {
    errno = EIO;
    return false;
  }
  ++steps_;
  if (steps_left_ > 0 && --steps_left_ == 0) {
    stopped_ = cut_ = true;
    errno = EIO;
    return false;
  }
  const bool planned = fail_left_ > 0 && --fail_left_ == 0;
  if (planned || (fail_once_in_ > 0 && dice_.once_in(fail_once_in_))) {
    errno = EIO;
    return false;
  }
  return true;
}

void FakeDisk::start_after_kill() {
  stopped_ = false;
  steps_left_ = 0;
}

void FakeDisk::start_after_power_cut() {
  start_after_kill();
  Names kept;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [path, file] : *names) {
      const auto now = names_.find(path);
      const auto before = durable_names_.find(path);
      const bool same =
          now != names_.end() && before != durable_names_.end() && now->second == before->second;
      if (kept.count(path) > 0) continue;
      if (same || dice_.once_in(2)) kept[path] = file;
    }
  }
  // What lies in a directory that is not there is not there either.
  for (auto name = kept.begin(); name != kept.end();) {
    const std::string parent = directory_of(name->first);
    const bool lost = names_.count(parent) > 0 && kept.count(parent) == 0;
    name = lost ? kept.erase(name) : std::next(name);
  }
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [path, file] : *names) {
      if (file != nullptr && kept.count(path) == 0) free_blocks(*file, 0);
    }
  }
  for (const auto& [path, file] : kept) {
    if (file == nullptr) continue;
    file->lose_power(dice_);
    file->locked_by = nullptr;
  }
  names_ = durable_names_ = std::move(kept);
}

void FakeDisk::free_blocks(const FakeFile& file, std::uint64_t bytes) {
  if (keep_freed_ && bytes < file.durable.size()) freed_ += file.durable.substr(bytes);
}

std::uint64_t FakeDisk::copies(std::string_view text) const {
  const auto count = [text](std::string_view all) {
    std::uint64_t found = 0;
    for (auto at = all.find(text); at != std::string_view::npos; at = all.find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  std::uint64_t found = count(freed_);
  for (const auto& [path, file] : names_) found += file == nullptr ? 0 : count(file->durable);
  return found;
}

std::uint64_t FakeDisk::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [path, file] : names_) used += file == nullptr ? 0 : file->now.size();
  return used;
}

FakeFile* FakeDisk::file(const std::string& path) { return find(path).get(); }

std::shared_ptr<FakeFile> FakeDisk::find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

bool FakeDisk::readable() const {
  if (stopped_) errno = EIO;
  return !stopped_;
}

bool FakeDisk::create(const std::string& path) {
  const bool done = step();
  // Where the power fails in it, it may have happened.
  if (done || cut_) names_[path] = std::make_shared<FakeFile>();
  return done;
}

ssize_t FakeDisk::write(FakeFile& file, std::string_view bytes, std::uint64_t offset) {
  if (!step()) {
    if (cut_) file.write(offset, bytes);
    return -1;
  }
  const std::uint64_t end = offset + bytes.size();
  if (end > kFileBytesMax) {
    errno = EFBIG;
    return -1;
  }
  if (capacity_ > 0 && end > file.now.size()) {
    const std::uint64_t used = used_bytes();
    const std::uint64_t room = used >= capacity_ ? 0 : capacity_ - used;
    if (end - file.now.size() > room) {
      const std::uint64_t most = file.now.size() + room;
      bytes = bytes.substr(0, most > offset ? most - offset : 0);
    }
    if (bytes.empty()) {
      errno = ENOSPC;
      return -1;
    }
  }
  for (const std::string& text : watched_) {
    if (bytes.find(text) != std::string_view::npos) ++watched_found_;
  }
  file.write(offset, bytes);
  return static_cast<ssize_t>(bytes.size());
}

bool FakeDisk::resize(FakeFile& file, std::uint64_t bytes) {
  if (bytes > kFileBytesMax) return false;
  const bool done = step();
  if (done || cut_) free_blocks(file, bytes);
  if (done || cut_) file.resize(bytes);
  return done;
}

bool FakeDisk::sync(FakeFile& file) {
  if (!step()) {
    if (!cut_ && !stopped_) forget_some(file);
    return false;
  }
  if (!lying_) file.sync();
  return true;
}

// Writing back failed, and the pages count as clean from now on.
void FakeDisk::forget_some(FakeFile& file) {
  auto& all = file.unsynced;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [this](const FakeFile::Change&) { return dice_.once_in(2); }),
            all.end());
}

// --- as a Disk

std::unique_ptr<DiskFile> FakeDisk::open(const std::string& path, Open how) {
  if (!readable()) return nullptr;
  auto found = find(path);
  if (found && how == Open::kNew) {
    errno = EEXIST;
    return nullptr;
  }
  if (!found && how == Open::kThere) {
    errno = ENOENT;
    return nullptr;
  }
  if (!found) {
    if (!create(path)) return nullptr;
    found = find(path);
  }
  return std::make_unique<OpenFile>(*this, std::move(found));
}

bool FakeDisk::make_directory(const std::string& path) {
  if (names_.count(path) > 0) {
    errno = EEXIST;
    return false;
  }
  if (!step()) return false;
  names_[path] = nullptr;
  return true;
}

bool FakeDisk::protect(const std::string& /*path*/) { return readable(); }

bool FakeDisk::remove(const std::string& path) {
  const auto found = find(path);
  const bool done = step();
  if (found && (done || cut_)) free_blocks(*found, 0);
  if (done || cut_) names_.erase(path);
  return done;
}

bool FakeDisk::sync_directory(const std::string& path) {
  if (!step()) return false;
  if (lying_) return true;
  for (const auto& [name, file] : names_) {
    if (directory_of(name) == path) durable_names_[name] = file;
  }
  for (auto name = durable_names_.begin(); name != durable_names_.end();) {
    const bool gone = directory_of(name->first) == path && names_.count(name->first) == 0;
    name = gone ? durable_names_.erase(name) : std::next(name);
  }
  return true;
}

std::uint64_t FakeDisk::bytes(const std::string& path) {
  const auto found = find(path);
  return found ? found->now.size() : 0;
}

}  // namespace sudare::faults
