// What the kernel tells in files below /proc and /sys, and beginnings of files of unknown size.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace sudare::doctor {

// A table of the kernel's: 4096 lines of /proc/net/tcp.
inline constexpr std::size_t kSystemFileBytesMax = std::size_t{1024} * 1024;

// The first bytes of a file, at most so many; nothing where it can't be opened, or is none that
// holds data. Does not wait at a pipe or device.
[[nodiscard]] std::optional<std::string> read_beginning(const std::filesystem::path& path,
                                                        std::size_t bytes_max);
// The same for a file of the kernel's.
[[nodiscard]] inline std::optional<std::string> read_system_file(
    const std::filesystem::path& path) {
  return read_beginning(path, kSystemFileBytesMax);
}

}  // namespace sudare::doctor
