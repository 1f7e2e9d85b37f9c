// libav's byte streams over the clip's file and over the pipe that the result goes to. libav opens
// nothing by itself: no protocol, no second file.
#pragma once

extern "C" {
#include <libavformat/avio.h>
}

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "clip/rebuild/clip_file.h"

namespace sudare::clip::rebuild {

struct IoEnd {
  void operator()(AVIOContext* io) const;
};
using IoOwner = std::unique_ptr<AVIOContext, IoEnd>;

// Reads a ClipFile, which must outlive it, by the megabyte. Stays where it is in memory.
class ClipReader {
 public:
  // kMemory.
  static Result<std::unique_ptr<ClipReader>> make(const ClipFile& file);
  ClipReader(const ClipReader&) = delete;
  ClipReader& operator=(const ClipReader&) = delete;

  [[nodiscard]] AVIOContext* io() { return io_.get(); }
  [[nodiscard]] bool failed() const { return failed_; }  // the operating system refused to read

 private:
  explicit ClipReader(const ClipFile& file) : file_(&file) {}
  static int read(void* self, std::uint8_t* into, int bytes_max);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  const ClipFile* file_;
  std::int64_t at_ = 0;
  bool failed_ = false;
  IoOwner io_;
};

// Writes to file descriptor 1, front to back. Stays where it is in memory.
class ClipWriter {
 public:
  // kMemory.
  static Result<std::unique_ptr<ClipWriter>> make();
  ClipWriter(const ClipWriter&) = delete;
  ClipWriter& operator=(const ClipWriter&) = delete;

  [[nodiscard]] AVIOContext* io() { return io_.get(); }
  [[nodiscard]] bool failed() const { return failed_; }  // nobody takes it
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  ClipWriter() = default;
  static int write(void* self, std::uint8_t* from, int bytes);

  std::uint64_t bytes_ = 0;
  bool failed_ = false;
  IoOwner io_;
};

}  // namespace sudare::clip::rebuild
