#include "fleet/cli/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace sudare::cli {
namespace {

Result<std::string> read_descriptor(int descriptor, std::size_t bytes_max) {
  constexpr std::size_t kChunkBytes = 64 * 1024;
  std::string out;
  for (;;) {
    const std::size_t length = out.size();
    const std::size_t room = std::min(kChunkBytes, bytes_max + 1 - length);
    out.resize(length + room);
    const ssize_t count = read(descriptor, out.data() + length, room);
    if (count < 0) return fail(ErrorCode::kIo, "read", errno);
    out.resize(length + static_cast<std::size_t>(count));
    if (count == 0) return out;
    if (out.size() > bytes_max) return fail(ErrorCode::kTooLarge, "file is too large");
  }
}

Status write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0) return fail(ErrorCode::kIo, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(descriptor) != 0) return fail(ErrorCode::kIo, "fsync", errno);
  return Done{};
}

// A rename survives a power cut only once the directory is on disk.
Status sync_parent(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const int directory =
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return fail(ErrorCode::kIo, "open directory", errno);
  const int synced = fsync(directory);
  const int reason = errno;
  close(directory);
  // Some file systems can't sync a directory: there a rename is as safe as it gets.
  if (synced != 0 && reason != EINVAL) return fail(ErrorCode::kIo, "fsync directory", reason);
  return Done{};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  if (path == "-") return read_descriptor(STDIN_FILENO, bytes_max);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "open", errno);
  }
  Result<std::string> bytes = read_descriptor(descriptor, bytes_max);
  close(descriptor);
  return bytes;
}

Status write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return fail(ErrorCode::kIo, "create", errno);
  Status written = write_all(descriptor, bytes);
  if (written && fchmod(descriptor, static_cast<mode_t>(mode)) != 0) {
    written = fail(ErrorCode::kIo, "chmod", errno);
  }
  close(descriptor);
  if (written && std::rename(temporary.c_str(), path.c_str()) != 0) {
    written = fail(ErrorCode::kIo, "rename", errno);
  }
  if (!written) {
    unlink(temporary.c_str());
    return written;
  }
  return sync_parent(path);
}

}  // namespace sudare::cli
