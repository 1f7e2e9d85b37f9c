// SQLite's way to a FakeDisk: what os_unix.c does with the page cache, the directory and locks, as
// far as a store needs it. The write-ahead log's index is memory that the connections of one
// process share; it ends with the last of them.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace sudare::faults {

class FakeDisk;

// Registered under `name`, which must outlive it.
[[nodiscard]] std::unique_ptr<sqlite3_vfs> make_fake_vfs(FakeDisk& disk, const std::string& name);
void end_fake_vfs(sqlite3_vfs& vfs);

}  // namespace sudare::faults
