// A disk in memory, with a page cache that a power cut empties. It stands under the whole store:
// under its journal and state directory as a Disk, under SQLite as a VFS of its own.
//
// What is written is seen at once and is on the disk only after a sync of its file. A power cut
// keeps of the rest what the dice say: each sector of 512 bytes has its old content, or that of any
// of the writes since the last sync, whatever other sectors have. This also stands for writes that
// were reordered. A file that grew may have garbage where nothing was written. A name that was
// made or removed is sure only after a sync of its directory. What was synced comes back exactly.
//
// One thread. Not modelled: concurrent processes; a disk that breaks what lies beside a write.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/disk.h"
#include "gateway/store/wiping_vfs.h"
#include "tests/faults/disk/dice.h"

struct sqlite3_vfs;

namespace sudare::faults {

inline constexpr std::uint64_t kSectorBytes = 512;

// One inode.
struct FakeFile {
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    bool resize = false;  // to `offset` bytes
  };
  std::string now;               // as programs see it
  std::string durable;           // as the disk has it
  std::vector<Change> unsynced;  // between the two, in order
  const void* locked_by = nullptr;

  void write(std::uint64_t offset, std::string_view bytes);
  void resize(std::uint64_t bytes);
  void sync();
  void lose_power(Dice& dice);
};

class FakeDisk final : public Disk {
 public:
  explicit FakeDisk(std::uint64_t seed);
  ~FakeDisk() override;

  // --- what goes wrong
  // The power fails in the `steps`-th change or sync from now: it and all that follow fail.
  void cut_power_in(std::uint64_t steps) { steps_left_ = steps; }
  // The process dies here: what it does from now on, as its objects end, does nothing.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  // The next process: after a kill …
  void start_after_kill();
  // … or after a power cut.
  void start_after_power_cut();
  // One change or sync in so many fails with EIO; 0: none. One that fails to sync may forget what
  // was to be synced, though programs still see it, as Linux does.
  void fail_once_in(std::uint64_t changes) { fail_once_in_ = changes; }
  // The `steps`-th from now fails so, and no other.
  void fail_in(std::uint64_t steps) { fail_left_ = steps; }
  // Files may take so much; what would be more fails with ENOSPC. 0: any.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  // Answers a sync and does nothing.
  void set_lying(bool lying) { lying_ = lying; }

  // --- what is on it
  [[nodiscard]] std::uint64_t used_bytes() const;
  // Null: no such file.
  [[nodiscard]] FakeFile* file(const std::string& path);
  // Changes and syncs so far.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  // Writes that ever held one of `texts`, whatever became of them.
  void watch_for(std::vector<std::string> texts) { watched_ = std::move(texts); }
  [[nodiscard]] std::uint64_t watched_found() const { return watched_found_; }
  // From now on, what lies in blocks that files give back is known to copies().
  void keep_freed() { keep_freed_ = true; }
  // On the disk as it is without a cache: in files, and in blocks that they gave back.
  [[nodiscard]] std::uint64_t copies(std::string_view text) const;

  // --- Disk
  [[nodiscard]] const char* sqlite_vfs() const override { return wiping_->name(); }
  [[nodiscard]] std::unique_ptr<DiskFile> open(const std::string& path, Open how) override;
  [[nodiscard]] bool make_directory(const std::string& path) override;
  [[nodiscard]] bool protect(const std::string& path) override;
  [[nodiscard]] bool remove(const std::string& path) override;
  [[nodiscard]] bool sync_directory(const std::string& path) override;
  [[nodiscard]] std::uint64_t bytes(const std::string& path) override;

  // --- for open files and the VFS; false: errno says why
  [[nodiscard]] std::shared_ptr<FakeFile> find(const std::string& path) const;
  [[nodiscard]] bool create(const std::string& path);
  [[nodiscard]] bool readable() const;  // false: the machine is off
  // Bytes written; -1.
  [[nodiscard]] ssize_t write(FakeFile& file, std::string_view bytes, std::uint64_t offset);
  [[nodiscard]] bool resize(FakeFile& file, std::uint64_t bytes);
  [[nodiscard]] bool sync(FakeFile& file);
  std::uint64_t random() { return dice_.number(); }

 private:
  using Names = std::map<std::string, std::shared_ptr<FakeFile>>;  // a directory's is null

  // What every change begins with. False: it fails, with errno.
  bool step();
  void forget_some(FakeFile& file);
  // Blocks of it from `bytes` on are the file system's again.
  void free_blocks(const FakeFile& file, std::uint64_t bytes);

  Dice dice_;
  Names names_;
  Names durable_names_;
  std::string vfs_name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::unique_ptr<WipingVfs> wiping_;  // over it, as on a real disk
  std::uint64_t steps_ = 0;
  std::uint64_t steps_left_ = 0;  // 0: no cut is planned
  std::uint64_t fail_once_in_ = 0;
  std::uint64_t fail_left_ = 0;  // 0: none is planned
  std::uint64_t capacity_ = 0;
  bool stopped_ = false;
  bool cut_ = false;  // in this very step
  bool lying_ = false;
  std::vector<std::string> watched_;
  std::uint64_t watched_found_ = 0;
  bool keep_freed_ = false;
  std::string freed_;
};

}  // namespace sudare::faults
