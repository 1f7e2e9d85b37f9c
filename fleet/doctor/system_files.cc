#include "fleet/doctor/system_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "fleet/cli/descriptor.h"

namespace sudare::doctor {

std::optional<std::string> read_beginning(const std::filesystem::path& path,
                                          std::size_t bytes_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  std::string text(bytes_max, '\0');
  std::size_t size = 0;
  while (size < bytes_max) {
    const ssize_t got = read(file.get(), text.data() + size, bytes_max - size);
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace sudare::doctor
