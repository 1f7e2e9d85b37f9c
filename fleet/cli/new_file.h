// A file that is there whole or not at all: written under another name beside its place and renamed
// at the end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sudare::cli {

// One thread. What was not committed is removed with the object; a power cut leaves a file
// "NAME.XXXXXX.unfinished" behind.
class NewFile {
 public:
  // kIo: errno. Readable by its owner only.
  static Result<NewFile> open(const std::filesystem::path& path);
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Status write(std::string_view bytes);
  // Other permissions than the owner's alone.
  Status set_mode(unsigned mode);
  // On disk and in its place, its name too; takes the place of what was there.
  Status commit();

 private:
  NewFile(std::filesystem::path path, std::string name, int descriptor)
      : path_(std::move(path)), name_(std::move(name)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::string name_;  // empty: committed, or handed on
  int descriptor_;
};

}  // namespace sudare::cli
