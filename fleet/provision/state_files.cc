#include "fleet/provision/state_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>

#include "fleet/cli/descriptor.h"
#include "gateway/store/journal.h"
#include "gateway/store/schema.h"
#include "gateway/store/state_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

// A state directory may be a mount of its own.
constexpr std::string_view kLostAndFound = "lost+found";

constexpr std::array<std::string_view, 5> kStoreFiles = {"lock", "outbox.journal", "outbox.db",
                                                         "outbox.db-wal", "outbox.db-shm"};
constexpr std::array<std::string_view, 4> kOtherFiles = {
    kNextOwnerName, kErasingName, "policy.last-valid", "policy.last-valid.new"};

Result<std::vector<std::string>> names_that(const std::string& directory,
                                            const std::function<bool(const std::string&)>& wanted) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    if (wanted(name)) found.push_back(std::move(name));
  }
  if (error) return fail(ErrorCode::kIo, "the state directory can't be read", error.value());
  std::sort(found.begin(), found.end());
  return found;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(fs::symlink_status(path, error));
}

// A transfer's store is a folder, and nothing else is.
bool is_ours(const fs::path& state, const std::string& name) {
  return is_state_file(name) && is_folder(state / name) == (name == kNextOwnerName);
}

// --- whose outbox.db it is (www.sqlite.org/fileformat2.html): numbers have their high byte first

constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kFrameHeader = static_cast<std::size_t>(kFrameHeaderBytes);
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kOurApplicationId = "Suda";
constexpr std::string_view kDatabaseMagic("SQLite format 3\0", 16);
// The first transaction makes the tables, and writes page 1 with them.
constexpr std::size_t kFramesMax = 64;

std::string bytes_at(int descriptor, std::size_t at, std::size_t count) {
  std::string bytes(count, '\0');
  const ssize_t got = pread(descriptor, bytes.data(), count, static_cast<off_t>(at));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

bool is_database(std::string_view page) {
  return page.size() >= kHeaderBytes && page.substr(0, kDatabaseMagic.size()) == kDatabaseMagic;
}

bool is_our_first_page(std::string_view page) {
  return is_database(page) &&
         page.substr(kApplicationIdAt, kOurApplicationId.size()) == kOurApplicationId;
}

// A store whose first process was killed has its tables in the log alone.
bool has_our_first_page(int log) {
  for (std::size_t i = 0; i < kFramesMax; ++i) {
    const std::size_t at =
        static_cast<std::size_t>(kLogHeaderBytes) + i * static_cast<std::size_t>(kFrameBytes);
    const std::string frame = bytes_at(log, at, kFrameHeader + kHeaderBytes);
    if (frame.size() < kFrameHeader) return false;
    const bool first = std::string_view(frame).substr(0, 4) == std::string_view("\0\0\0\1", 4);
    if (first && is_our_first_page(std::string_view(frame).substr(kFrameHeader))) return true;
  }
  return false;
}

}  // namespace

bool is_store_file(std::string_view name) {
  return std::find(kStoreFiles.begin(), kStoreFiles.end(), name) != kStoreFiles.end();
}

bool is_state_file(std::string_view name) {
  return is_store_file(name) ||
         std::find(kOtherFiles.begin(), kOtherFiles.end(), name) != kOtherFiles.end();
}

Result<std::vector<std::string>> names_of_ours(const std::string& state_directory) {
  return names_that(state_directory,
                    [&](const std::string& name) { return is_ours(state_directory, name); });
}

Result<std::vector<std::string>> names_of_others(const std::string& state_directory) {
  const fs::path state = state_directory;
  TRY(std::vector<std::string> names, names_that(state_directory, [&](const std::string& name) {
        return name != kLostAndFound && !is_ours(state, name);
      }));
  const fs::path next = state / kNextOwnerName;
  if (!is_folder(next)) return names;
  TRY(const std::vector<std::string> beside,
      names_that(next.string(), [&](const std::string& name) {
        return !is_store_file(name) || is_folder(next / name);
      }));
  for (const std::string& name : beside) names.push_back(std::string(kNextOwnerName) + "/" + name);
  return names;
}

bool has_our_store(const std::string& state_directory) {
  const std::string path = StateDirectory::database_path(state_directory);
  constexpr int kHow = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const Descriptor database(open(path.c_str(), kHow));
  const std::string page = bytes_at(database.get(), 0, kHeaderBytes);  // empty where there is none
  if (is_our_first_page(page)) return true;
  const Descriptor log(open((path + "-wal").c_str(), kHow));
  if (has_our_first_page(log.get())) return true;
  if (is_database(page)) return false;  // another program's
  const Descriptor journal(open(StateDirectory::journal_path(state_directory).c_str(), kHow));
  return bytes_at(journal.get(), 0, kJournalMark.size()) == kJournalMark;
}

Status sync_directory(const fs::path& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return fail(ErrorCode::kIo, "the state directory can't be synced", errno);
  }
  return Done{};
}

Status remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(ErrorCode::kIo, "a file can't be removed", error.value());
  return Done{};
}

}  // namespace sudare
