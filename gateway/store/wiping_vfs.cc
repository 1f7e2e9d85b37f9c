#include "gateway/store/wiping_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "gateway/store/schema.h"

namespace sudare {
namespace {

// What SQLite appends to the database's name.
constexpr std::string_view kLogSuffix = "-wal";
constexpr char kTableLeaf = 0x0d;

constexpr std::array<char, kLogHeaderBytes + kFrameBytes> kZeros{};
constexpr int kSyncHow = SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY;

// At most kZeros.
int write_zeros(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 from,
                sqlite3_int64 to) {
  return under.xWrite(file, kZeros.data(), static_cast<int>(to - from), from);
}

// A wipe failed: what is read of a log may be in the page cache alone, which a sync that failed
// leaves as it is. After a restart it is the disk's: StateDirectory::secure_log().
std::atomic<bool> reads_are_doubtful = false;

bool is_zero(char c) { return c == 0; }

// Whether the page holds nothing else than rows of the outbox (schema.h): it is a leaf of a table,
// or where a long row goes on (the number of the next page, whose high byte is 0, then an age
// file), or a free one, all zeros (secure_delete). The account and the state, chains among it, are
// tables WITHOUT ROWID: their pages are an index's. Of a wipe that a power cut tore, whole sectors
// are zeros, and one holds the first eight bytes.
bool holds_rows_only(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 page_at) {
  std::array<char, kPageBytes> page{};
  const auto read = [&](int bytes) {
    return under.xRead(file, page.data(), bytes, page_at) == SQLITE_OK;
  };
  if (!read(8)) return false;
  if (page[0] == kTableLeaf) return true;
  if (page[0] != 0) return false;
  if (!std::all_of(page.begin() + 4, page.begin() + 8, is_zero)) return true;
  return !reads_are_doubtful && read(kPageBytes) && std::all_of(page.begin(), page.end(), is_zero);
}

// Age files are most of what a log holds, and open to nobody on the unit: to wipe them, too, would
// cost the flash half as much again.
int wipe_frame(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 at,
               sqlite3_int64 size) {
  if (holds_rows_only(file, under, at + kFrameHeaderBytes)) return SQLITE_OK;
  return write_zeros(file, under, at, std::min(at + kFrameBytes, size));
}

// What may hold a secret from `from` on. First the frame that `from` lies in: of a whole log, its
// header and frame 1, without which nothing is replayed.
int wipe_once(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 from) {
  sqlite3_int64 size = 0;
  int code = under.xFileSize(file, &size);
  if (code != SQLITE_OK || size <= from) return code;
  const sqlite3_int64 frame = from <= kLogHeaderBytes ? 0 : (from - kLogHeaderBytes) / kFrameBytes;
  sqlite3_int64 at = kLogHeaderBytes + (frame + 1) * kFrameBytes;
  code = write_zeros(file, under, from, std::min(at, size));
  if (code == SQLITE_OK) code = under.xSync(file, kSyncHow);
  for (; code == SQLITE_OK && at < size; at += kFrameBytes) {
    code = wipe_frame(file, under, at, size);
  }
  return code != SQLITE_OK ? code : under.xSync(file, kSyncHow);
}

int wipe(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 from) {
  const int code = wipe_once(file, under, from);
  reads_are_doubtful = code != SQLITE_OK;
  return code;
}

// A log's methods; SQLite sees the first member.
struct Methods {
  sqlite3_io_methods ours;
  const sqlite3_io_methods* under;
};

int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
  const sqlite3_io_methods& under = *reinterpret_cast<const Methods*>(file->pMethods)->under;
  const int code = wipe(file, under, bytes);
  return code != SQLITE_OK ? code : under.xTruncate(file, bytes);
}

// One per table of methods that lies under it; a VFS has one or two. They live for ever, as
// SQLite's own do.
const sqlite3_io_methods* wiping(const sqlite3_io_methods* under) {
  static std::mutex mutex;
  static std::map<const sqlite3_io_methods*, Methods> tables;
  const std::lock_guard held(mutex);
  const auto [found, fresh] = tables.try_emplace(under, Methods{*under, under});
  if (fresh) found->second.ours.xTruncate = truncate;
  return &found->second.ours;
}

}  // namespace

struct WipingVfs::Registered : sqlite3_vfs {
  sqlite3_vfs* under = nullptr;

  static sqlite3_vfs* under_of(sqlite3_vfs* vfs) { return static_cast<Registered*>(vfs)->under; }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    sqlite3_vfs* const under = under_of(vfs);
    const int code = under->xOpen(under, name, file, flags, out_flags);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0)
      file->pMethods = wiping(file->pMethods);
    return code;
  }

  static int wipe_file(sqlite3_vfs* under, const char* name) {
    const auto memory = std::make_unique<char[]>(static_cast<std::size_t>(under->szOsFile));
    auto* const file = reinterpret_cast<sqlite3_file*>(memory.get());
    int code = under->xOpen(under, name, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
    if (file->pMethods == nullptr) return code;
    if (code == SQLITE_OK) code = wipe(file, *file->pMethods, 0);
    const int closed = file->pMethods->xClose(file);
    return code != SQLITE_OK ? code : closed;
  }

  // One that can't be wiped stays: the next start finds it, and SQLite calls again.
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    sqlite3_vfs* const under = under_of(vfs);
    const std::string_view path(name);
    const bool log = path.size() > kLogSuffix.size() &&
                     path.substr(path.size() - kLogSuffix.size()) == kLogSuffix;
    int exists = 0;
    if (log) under->xAccess(under, name, SQLITE_ACCESS_EXISTS, &exists);
    if (exists != 0) {
      const int code = wipe_file(under, name);
      if (code != SQLITE_OK) return code;
    }
    return under->xDelete(under, name, sync_directory);
  }
};

WipingVfs::WipingVfs(sqlite3_vfs* under, std::string name)
    : name_(std::move(name)), registered_(std::make_unique<Registered>()) {
  if (under == nullptr) under = sqlite3_vfs_find(nullptr);
  static_cast<sqlite3_vfs&>(*registered_) = *under;
  registered_->under = under;
  registered_->pNext = nullptr;
  registered_->zName = name_.c_str();
  registered_->xOpen = Registered::open;
  registered_->xDelete = Registered::remove;
  sqlite3_vfs_register(registered_.get(), 0);
}

WipingVfs::~WipingVfs() { sqlite3_vfs_unregister(registered_.get()); }

}  // namespace sudare
