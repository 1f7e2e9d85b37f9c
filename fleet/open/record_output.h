// Where opened records go: stdout, or DIR/<purpose>.ndjson, appended to. While a directory is
// written to it is held: erase_output.h rewrites its files, and lines that went to a file which is
// being replaced would be lost.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare {

// Held by any number of writers, or by one who rewrites. The kernel lets go when the process ends.
class OutputDirectory {
 public:
  enum class Hold : std::uint8_t { kToAppend, kToRewrite };
  // kIo (errno); kRefused: in use by others.
  static Result<OutputDirectory> hold(const std::filesystem::path& path, Hold hold);
  ~OutputDirectory();
  OutputDirectory(OutputDirectory&& other) noexcept;
  OutputDirectory& operator=(OutputDirectory&&) = delete;

  // While others hold it to append: false. Else nobody comes in until share_again(). Of a directory
  // that is held to append.
  [[nodiscard]] bool try_alone() const;
  void share_again() const;

  // Makes renames in it survive a power cut. kIo.
  [[nodiscard]] Status sync() const;

 private:
  explicit OutputDirectory(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

[[nodiscard]] std::filesystem::path output_file(const std::filesystem::path& directory,
                                                const std::string& purpose);

class RecordOutput {
 public:
  // `directory`: made if it is missing; empty: stdout. kIo, kRefused as OutputDirectory.
  Status open(const std::filesystem::path& directory, const std::string& purpose);
  void write(std::string_view lines);
  Status flush();
  // Null: stdout.
  [[nodiscard]] const OutputDirectory* held() const { return held_ ? &*held_ : nullptr; }

 private:
  std::optional<OutputDirectory> held_;
  std::ofstream file_;
  bool to_file_ = false;
};

}  // namespace sudare
