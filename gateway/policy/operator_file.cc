#include "gateway/policy/operator_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace sudare {

Result<std::string> read_operator_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "operator file: open",
                errno);
  }
  std::string text;
  std::array<char, 16 * 1024> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), count);
    if (text.size() > bytes_max) return fail(ErrorCode::kTooLarge, "operator file: too large");
  }
  if (std::ferror(file.get()) != 0) return fail(ErrorCode::kIo, "operator file: read", errno);
  return text;
}

}  // namespace sudare
