#include "fleet/commands/authority_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "fleet/cli/console.h"
#include "fleet/commands/days.h"

namespace sudare::commands {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint =
    "is --authority the public key of who signed it, and is the file whole?";

// The files that are meant, in the order of their names.
std::vector<std::string> files_of(const std::vector<std::string>& paths, const std::string& purpose,
                                  const std::string& ending) {
  const std::string start = purpose.empty() ? "" : purpose + ".";
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(start) && name.ends_with(ending)) found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// `use` reads the file through what it is given.
Status with_file(const std::string& file, const std::function<Status(const ReadBytes&)>& use) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "open", errno);
  }
  const Status used = use([descriptor](MutableByteSpan out) -> Result<std::size_t> {
    const ssize_t count = read(descriptor, out.data(), out.size());
    if (count < 0) return fail(ErrorCode::kIo, "read", errno);
    return static_cast<std::size_t>(count);
  });
  close(descriptor);
  return used;
}

}  // namespace

std::optional<std::vector<AuthorityKey>> authority_keys(const std::vector<std::string>& texts) {
  std::vector<AuthorityKey> keys;
  for (const std::string& text : texts) {
    const Result<AuthorityKey> key = AuthorityKey::parse(text);
    if (!key) {
      cli::report("--authority " + text, key.error(),
                  "\"sudarepub1...\", as `sudare key public` prints it for a signing key");
      return std::nullopt;
    }
    keys.push_back(*key);
  }
  return keys;
}

std::optional<MemberLists> read_member_lists(const std::vector<std::string>& paths,
                                             const std::vector<AuthorityKey>& authorities,
                                             const std::string& purpose) {
  MemberLists lists;
  for (const std::string& file : files_of(paths, purpose, ".members")) {
    const Status read = with_file(file, [&](const ReadBytes& bytes) -> Status {
      TRY(MemberList list, read_member_list(bytes, authorities));
      return lists.add(std::move(list), purpose, today());
    });
    if (read) continue;
    cli::report(file, read.error(),
                read.error().code == ErrorCode::kExpired ? "ask the relink authority for a new one"
                                                         : kHint);
    return std::nullopt;
  }
  return lists;
}

std::optional<std::vector<ErasureOrder>> read_erasure_orders(
    const std::vector<std::string>& paths, const std::vector<AuthorityKey>& authorities,
    const std::string& purpose) {
  std::vector<ErasureOrder> orders;
  for (const std::string& file : files_of(paths, purpose, ".forget")) {
    const Status read = with_file(file, [&](const ReadBytes& bytes) -> Status {
      TRY(ErasureOrder order, read_erasure_order(bytes, authorities));
      if (!purpose.empty() && order.purpose != purpose) {
        return fail(ErrorCode::kRefused, "erasure order: another purpose's");
      }
      orders.push_back(std::move(order));
      return Done{};
    });
    if (read) continue;
    cli::report(file, read.error(), kHint);
    return std::nullopt;
  }
  return orders;
}

}  // namespace sudare::commands
