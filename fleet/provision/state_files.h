// What Sudare writes into a state directory, by name, and how it goes: for a change of owner and
// for the unit's end of life.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/store/state_directory.h"

namespace sudare {

// Whether Sudare writes a file, or a folder, of this name into a state directory. Exact.
[[nodiscard]] bool is_state_file(std::string_view name);
// The same of a transfer's new store.
[[nodiscard]] bool is_store_file(std::string_view name);

// Names in the directory that Sudare writes; without lost+found, which is the file system's. kIo.
[[nodiscard]] Result<std::vector<std::string>> names_of_ours(const std::string& state_directory);
// Names in a state directory that Sudare did not write, "transfer/NAME" among them: who they belong
// to is not known, so neither is whether they may stay. kIo.
[[nodiscard]] Result<std::vector<std::string>> names_of_others(const std::string& state_directory);

// Whether outbox.db there, or what its log is about to write to it, says that it is Sudare's. Where
// outbox.db is gone or its first page has rotted, outbox.journal may say so. Follows no symbolic
// link.
[[nodiscard]] bool has_our_store(const std::string& state_directory);

[[nodiscard]] Status sync_directory(const std::filesystem::path& path);
// Also where there is none. kIo.
[[nodiscard]] Status remove_tree(const std::filesystem::path& path);

}  // namespace sudare
