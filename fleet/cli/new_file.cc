#include "fleet/cli/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace sudare::cli {

Result<NewFile> NewFile::open(const std::filesystem::path& path) {
  constexpr std::string_view kEnding = ".part";
  std::string name = path.string() + ".XXXXXX" + std::string(kEnding);
  const int descriptor = mkostemps(name.data(), static_cast<int>(kEnding.size()), O_CLOEXEC);
  if (descriptor < 0) return fail(ErrorCode::kIo, "can't be created", errno);
  return NewFile(path, std::move(name), descriptor);
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!name_.empty()) unlink(name_.c_str());
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      name_(std::exchange(other.name_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Status NewFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::kIo, "can't be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Done{};
}

Status NewFile::commit() {
  if (fsync(descriptor_) != 0) return fail(ErrorCode::kIo, "fsync", errno);
  if (std::rename(name_.c_str(), path_.c_str()) != 0) return fail(ErrorCode::kIo, "rename", errno);
  name_.clear();
  // The name is on disk once the directory is; where that can't be opened, it will be soon.
  const std::filesystem::path parent = path_.parent_path();
  const int directory =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);
    close(directory);
  }
  return Done{};
}

}  // namespace sudare::cli
