#include "tests/faults/disk/fake_vfs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "tests/faults/disk/fake_disk.h"

namespace sudare::faults {
namespace {

constexpr int kShmLocks = SQLITE_SHM_NLOCK;

// What connections to one file share.
struct Shared {
  int readers = 0;
  const void* reserved = nullptr;
  const void* exclusive = nullptr;
  std::vector<std::unique_ptr<char[]>> regions;
  int users = 0;  // of the regions
  std::array<int, kShmLocks> shm_readers{};
  std::array<const void*, kShmLocks> shm_exclusive{};
};

struct Vfs {
  FakeDisk* disk;
  std::map<const FakeFile*, std::shared_ptr<Shared>> shared;
};

struct OpenFile {
  Vfs* vfs = nullptr;
  std::shared_ptr<FakeFile> file;
  std::shared_ptr<Shared> shared;
  std::string path;
  std::string remove_at_close;
  bool sync_directory = false;  // it is new: the first sync makes its name sure, too
  bool mapped = false;
  int level = SQLITE_LOCK_NONE;
  std::array<bool, kShmLocks> shm_shared{};
};

struct SqliteFile {
  sqlite3_file base;
  OpenFile* open;
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file)->open; }
Vfs& of(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs->pAppData); }

int failed(int otherwise) { return errno == ENOSPC ? SQLITE_FULL : otherwise; }

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// --- content

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  OpenFile& open = of(file);
  if (!open.vfs->disk->readable()) return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(bytes);
  const auto at = static_cast<std::size_t>(offset);
  const std::string& all = open.file->now;
  const std::size_t got =
      at < all.size() ? all.copy(static_cast<char*>(to), wanted, at) : std::size_t{0};
  if (got == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + got, 0, wanted - got);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  OpenFile& open = of(file);
  const std::string_view all(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  const ssize_t done = open.vfs->disk->write(*open.file, all, static_cast<std::uint64_t>(offset));
  if (done < 0) return failed(SQLITE_IOERR_WRITE);
  return done == bytes ? SQLITE_OK : SQLITE_FULL;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 bytes) {
  OpenFile& open = of(file);
  const bool done = open.vfs->disk->resize(*open.file, static_cast<std::uint64_t>(bytes));
  return done ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* file, int /*flags*/) {
  OpenFile& open = of(file);
  if (!open.vfs->disk->sync(*open.file)) return SQLITE_IOERR_FSYNC;
  // As os_unix.c: an error there is passed over, the next sync does not try again.
  if (open.sync_directory) {
    static_cast<void>(open.vfs->disk->sync_directory(directory_of(open.path)));
  }
  open.sync_directory = false;
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* bytes) {
  OpenFile& open = of(file);
  if (!open.vfs->disk->readable()) return SQLITE_IOERR_FSTAT;
  *bytes = static_cast<sqlite3_int64>(open.file->now.size());
  return SQLITE_OK;
}

// --- locks

int unlock_file(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  Shared& shared = *open.shared;
  if (open.level <= level) return SQLITE_OK;
  if (shared.reserved == &open) shared.reserved = nullptr;
  if (shared.exclusive == &open) shared.exclusive = nullptr;
  if (level == SQLITE_LOCK_NONE) --shared.readers;
  open.level = level;
  return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  Shared& shared = *open.shared;
  if (open.level >= level) return SQLITE_OK;
  if (shared.exclusive != nullptr && shared.exclusive != &open) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_SHARED) {
    ++shared.readers;
    open.level = level;
    return SQLITE_OK;
  }
  if (shared.reserved != nullptr && shared.reserved != &open) return SQLITE_BUSY;
  shared.reserved = &open;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    if (shared.readers > 1) {
      if (open.level < SQLITE_LOCK_RESERVED) shared.reserved = nullptr;
      return SQLITE_BUSY;
    }
    shared.exclusive = &open;
  }
  open.level = level;
  return SQLITE_OK;
}

int is_reserved(sqlite3_file* file, int* reserved) {
  *reserved = of(file).shared->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int control(sqlite3_file* /*file*/, int /*code*/, void* /*argument*/) { return SQLITE_NOTFOUND; }
int sector_bytes(sqlite3_file* /*file*/) { return 4096; }
int characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// --- the index of the write-ahead log

int map_shm(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  OpenFile& open = of(file);
  Shared& shared = *open.shared;
  *out = nullptr;
  if (!open.mapped) ++shared.users;
  open.mapped = true;
  const auto wanted = static_cast<std::size_t>(region);
  if (wanted >= shared.regions.size() && extend == 0) return SQLITE_OK;
  while (shared.regions.size() <= wanted) {
    shared.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
  }
  *out = shared.regions[wanted].get();
  return SQLITE_OK;
}

int lock_shm(sqlite3_file* file, int first, int count, int flags) {
  OpenFile& open = of(file);
  Shared& shared = *open.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto begin = static_cast<std::size_t>(first);
  const auto end = begin + static_cast<std::size_t>(count);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (std::size_t i = begin; i < end; ++i) {
      if (shared.shm_exclusive[i] == &open) shared.shm_exclusive[i] = nullptr;
      if (open.shm_shared[i]) --shared.shm_readers[i];
      open.shm_shared[i] = false;
    }
    return SQLITE_OK;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (shared.shm_exclusive[i] != nullptr && shared.shm_exclusive[i] != &open) return SQLITE_BUSY;
    if (exclusive && shared.shm_readers[i] > (open.shm_shared[i] ? 1 : 0)) return SQLITE_BUSY;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (exclusive) {
      shared.shm_exclusive[i] = &open;
    } else if (!open.shm_shared[i]) {
      open.shm_shared[i] = true;
      ++shared.shm_readers[i];
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* /*file*/) {}

int unmap_shm(sqlite3_file* file, int /*remove*/) {
  OpenFile& open = of(file);
  lock_shm(file, 0, kShmLocks, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
  if (open.mapped && --open.shared->users == 0) open.shared->regions.clear();
  open.mapped = false;
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  OpenFile& open = of(file);
  unmap_shm(file, 0);
  unlock_file(file, SQLITE_LOCK_NONE);
  if (!open.remove_at_close.empty()) {
    static_cast<void>(open.vfs->disk->remove(open.remove_at_close));
  }
  delete &open;
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,         close_file,  read_file,   write_file, truncate_file, sync_file,       size_of_file,
    lock_file, unlock_file, is_reserved, control,    sector_bytes,  characteristics, map_shm,
    lock_shm,  shm_barrier, unmap_shm,   nullptr,    nullptr};

// --- names

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Vfs& all = of(vfs);
  file->pMethods = nullptr;
  if (!all.disk->readable()) return SQLITE_CANTOPEN;
  const std::string path =
      name == nullptr ? "/temporary" + std::to_string(all.disk->random()) : name;
  auto found = all.disk->find(path);
  const bool made = found == nullptr;
  if (made) {
    if ((flags & SQLITE_OPEN_CREATE) == 0 || !all.disk->create(path)) return SQLITE_CANTOPEN;
    found = all.disk->find(path);
  }
  auto open = std::make_unique<OpenFile>();
  open->vfs = &all;
  open->file = found;
  std::shared_ptr<Shared>& shared = all.shared[found.get()];
  if (!shared) shared = std::make_shared<Shared>();
  open->shared = shared;
  open->path = path;
  if ((flags & SQLITE_OPEN_DELETEONCLOSE) != 0) open->remove_at_close = path;
  constexpr int kSyncedWithName = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
  open->sync_directory = made && (flags & kSyncedWithName) != 0;
  reinterpret_cast<SqliteFile*>(file)->open = open.release();
  file->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  FakeDisk& disk = *of(vfs).disk;
  if (disk.find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  if (!disk.remove(name)) return SQLITE_IOERR_DELETE;
  if (sync_directory != 0 && !disk.sync_directory(directory_of(name))) {
    return SQLITE_IOERR_DIR_FSYNC;
  }
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  const auto found = of(vfs).disk->find(name);
  *result = found != nullptr && (flags != SQLITE_ACCESS_EXISTS || !found->now.empty()) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* name, int bytes, char* out) {
  sqlite3_snprintf(bytes, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
  for (int i = 0; i < bytes; ++i) out[i] = static_cast<char>(of(vfs).disk->random());
  return bytes;
}

// Nothing else runs: who waits for a lock waits in vain.
int do_not_sleep(sqlite3_vfs* /*vfs*/, int microseconds) { return microseconds; }

int current_time(sqlite3_vfs* /*vfs*/, double* days) {
  *days = 2'460'310.5;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) { return errno; }

}  // namespace

std::unique_ptr<sqlite3_vfs> make_fake_vfs(FakeDisk& disk, const std::string& name) {
  auto vfs = std::make_unique<sqlite3_vfs>();
  *vfs = sqlite3_vfs{};
  vfs->iVersion = 1;
  vfs->szOsFile = sizeof(SqliteFile);
  vfs->mxPathname = 512;
  vfs->zName = name.c_str();
  vfs->pAppData = new Vfs{&disk, {}};
  vfs->xOpen = open_file;
  vfs->xDelete = delete_file;
  vfs->xAccess = access_file;
  vfs->xFullPathname = full_path;
  vfs->xRandomness = randomness;
  vfs->xSleep = do_not_sleep;
  vfs->xCurrentTime = current_time;
  vfs->xGetLastError = last_error;
  sqlite3_vfs_register(vfs.get(), 0);
  return vfs;
}

void end_fake_vfs(sqlite3_vfs& vfs) {
  sqlite3_vfs_unregister(&vfs);
  delete static_cast<Vfs*>(vfs.pAppData);
}

}  // namespace sudare::faults
