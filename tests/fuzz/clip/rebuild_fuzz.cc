// The parsers of clip/rebuild and clip/run that are our own: what a clip is by its first bytes, the
// configuration and headers of AAC, the report of a worker that may have been taken over, and the
// command line. The first byte says which.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "clip/options.h"
#include "clip/rebuild/clip_file.h"
#include "clip/rebuild/sound.h"
#include "clip/run/read_report.h"

namespace sudare::clip {
namespace {

void sniff_file(Bytes bytes) {
  static const int file = memfd_create("clip", MFD_CLOEXEC);
  const bool written = ftruncate(file, 0) == 0 && pwrite(file, bytes.data(), bytes.size(), 0) ==
                                                      static_cast<ssize_t>(bytes.size());
  if (!written) std::abort();
  const auto clip = rebuild::ClipFile::open(file);
  if (!clip) std::abort();
  static_cast<void>(rebuild::sniff(*clip));
}

void read_sound(Bytes bytes) {
  const std::size_t config = bytes.empty() ? 0 : bytes[0] % 6;
  if (bytes.size() <= config) return;
  rebuild::Sound sound(bytes.subspan(1, config));
  const Bytes piece = sound.rebuild(bytes.subspan(1 + config));
  if (piece.size() > bytes.size()) std::abort();
  if (!piece.empty() && (!sound.track() || sound.track()->config.size() != 2)) std::abort();
}

// What is read as a report is what would be written for it.
void read_line(std::string_view text) {
  const auto report = read_report(text);
  if (report && !read_report(to_line(*report))) std::abort();
}

void read_fill(std::string_view text) {
  const auto fill = parse_fill(text);
  if (fill && (fill->left + fill->width > 1000 || fill->top + fill->height > 1000)) std::abort();
}

}  // namespace
}  // namespace sudare::clip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (data[0] % 4) {
    case 0: sniff_file(bytes); break;
    case 1: read_sound(bytes); break;
    case 2: read_line(text); break;
    default: read_fill(text); break;
  }
  return 0;
}
