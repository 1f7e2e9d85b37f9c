#include "gateway/store/wiping_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace sudare {
namespace {

// What SQLite appends to the database's name.
constexpr std::string_view kLogSuffix = "-wal";
// Holds the log's header and most of its first frame: without either, nothing is replayed.
constexpr sqlite3_int64 kFirstBytes = 4096;
constexpr sqlite3_int64 kPieceBytes = 16'384;
constexpr std::array<char, kPieceBytes> kZeros{};
constexpr int kSyncHow = SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY;

int write_zeros(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 from,
                sqlite3_int64 to) {
  for (sqlite3_int64 at = from; at < to;) {
    const sqlite3_int64 piece = std::min(kPieceBytes, to - at);
    const int code = under.xWrite(file, kZeros.data(), static_cast<int>(piece), at);
    if (code != SQLITE_OK) return code;
    at += piece;
  }
  return from < to ? under.xSync(file, kSyncHow) : SQLITE_OK;
}

// All from `from` on.
int wipe(sqlite3_file* file, const sqlite3_io_methods& under, sqlite3_int64 from) {
  sqlite3_int64 size = 0;
  int code = under.xFileSize(file, &size);
  const sqlite3_int64 first_end = from == 0 ? std::min(kFirstBytes, size) : from;
  if (code == SQLITE_OK) code = write_zeros(file, under, from, first_end);
  if (code == SQLITE_OK) code = write_zeros(file, under, first_end, size);
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
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) file->pMethods = wiping(file->pMethods);
    return code;
  }

  static int wipe_file(sqlite3_vfs* under, const char* name) {
    const auto memory = std::make_unique<char[]>(static_cast<std::size_t>(under->szOsFile));
    auto* const file = reinterpret_cast<sqlite3_file*>(memory.get());
    int code =
        under->xOpen(under, name, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
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
