#include "fleet/cli/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "fleet/cli/new_file.h"

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
  TRY(NewFile file, NewFile::open(path));
  TRY(file.write(bytes));
  TRY(file.set_mode(mode));
  return file.commit();
}

}  // namespace sudare::cli
