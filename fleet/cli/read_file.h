// Whole files within a limit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare::cli {

// A sealed batch: kBatchBytesMax with its seal and padding, and room for what is too large to be
// told so.
inline constexpr std::size_t kSealedFileBytesMax = 4 * 1024 * 1024;

// "-" is standard input. kNotFound, kIo (detail: errno), kTooLarge.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

// Writes beside `path` and renames: the file is there whole or not at all, and on disk when this
// returns. `mode`: permissions. kIo (detail: errno).
Status write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

}  // namespace sudare::cli
