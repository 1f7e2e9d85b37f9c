#include "clip/rebuild/clip_io.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

// A read or write costs a system call, and between two processes a switch.
constexpr int kBufferBytes = 1 << 20;

IoOwner make_io(void* self, bool write, int (*read)(void*, std::uint8_t*, int),
                int (*written)(void*, std::uint8_t*, int),
                std::int64_t (*seek)(void*, std::int64_t, int)) {
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(kBufferBytes));
  if (buffer == nullptr) return nullptr;
  IoOwner io(avio_alloc_context(buffer, kBufferBytes, write ? 1 : 0, self, read, written, seek));
  if (!io) av_free(buffer);
  return io;
}

}  // namespace

void IoEnd::operator()(AVIOContext* io) const {
  av_freep(static_cast<void*>(&io->buffer));
  avio_context_free(&io);
}

Result<std::unique_ptr<ClipReader>> ClipReader::make(const ClipFile& file) {
  std::unique_ptr<ClipReader> reader(new ClipReader(file));
  reader->io_ = make_io(reader.get(), false, read, nullptr, seek);
  if (!reader->io_) return reject(Reason::kMemory, "clip: no memory to read");
  return reader;
}

int ClipReader::read(void* self, std::uint8_t* into, int bytes_max) {
  auto& reader = *static_cast<ClipReader*>(self);
  const std::int64_t count =
      reader.file_->read(reader.at_, {into, static_cast<std::size_t>(bytes_max)});
  if (count < 0) {
    reader.failed_ = true;
    return AVERROR(EIO);
  }
  reader.at_ += count;
  return count == 0 ? AVERROR_EOF : static_cast<int>(count);
}

std::int64_t ClipReader::seek(void* self, std::int64_t offset, int whence) {
  auto& reader = *static_cast<ClipReader*>(self);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return reader.file_->bytes();
    case SEEK_SET: break;
    case SEEK_CUR: offset += reader.at_; break;
    case SEEK_END: offset += reader.file_->bytes(); break;
    default: return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  reader.at_ = offset;
  return offset;
}

Result<std::unique_ptr<ClipWriter>> ClipWriter::make() {
  std::unique_ptr<ClipWriter> writer(new ClipWriter());
  writer->io_ = make_io(writer.get(), true, nullptr, write, nullptr);
  if (!writer->io_) return reject(Reason::kMemory, "clip: no memory to write");
  return writer;
}

int ClipWriter::write(void* self, std::uint8_t* from, int bytes) {
  auto& writer = *static_cast<ClipWriter*>(self);
  int done = 0;
  while (done < bytes && !writer.failed_) {
    const ssize_t count =
        ::write(STDOUT_FILENO, from + done, static_cast<std::size_t>(bytes - done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      writer.failed_ = true;
      break;
    }
    done += static_cast<int>(count);
  }
  writer.bytes_ += static_cast<std::uint64_t>(done);
  return writer.failed_ ? AVERROR(EPIPE) : bytes;
}

}  // namespace sudare::clip::rebuild
