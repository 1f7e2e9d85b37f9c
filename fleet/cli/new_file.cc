#include "fleet/cli/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "fleet/cli/descriptor.h"

namespace sudare::cli {
namespace {

// A rename survives a power cut only once the directory is on disk.
Status sync_parent(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const Descriptor directory(
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail(ErrorCode::kIo, "open directory", errno);
  // Some file systems can't sync a directory: there a rename is as safe as it gets.
  if (fsync(directory.get()) != 0 && errno != EINVAL) {
    return fail(ErrorCode::kIo, "fsync directory", errno);
  }
  return Done{};
}

}  // namespace

Result<NewFile> NewFile::open(const std::filesystem::path& path) {
  constexpr std::string_view kEnding = ".unfinished";
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

Status NewFile::write(std::string_view bytes) {
  return write_all(descriptor_, bytes, "can't be written");
}

Status NewFile::set_mode(unsigned mode) {
  if (fchmod(descriptor_, static_cast<mode_t>(mode)) != 0) {
    return fail(ErrorCode::kIo, "chmod", errno);
  }
  return Done{};
}

Status NewFile::commit() {
  if (fsync(descriptor_) != 0) return fail(ErrorCode::kIo, "fsync", errno);
  if (std::rename(name_.c_str(), path_.c_str()) != 0) return fail(ErrorCode::kIo, "rename", errno);
  name_.clear();
  return sync_parent(path_);
}

}  // namespace sudare::cli
