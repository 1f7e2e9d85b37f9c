#include "clip/rebuild/clip_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "clip/rebuild/limits.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

constexpr std::size_t kHeadBytes = 4096;
using Head = std::array<std::uint8_t, kHeadBytes>;

std::string_view text_at(Bytes bytes, std::size_t at) {
  return {reinterpret_cast<const char*>(bytes.data()) + at, 4};
}

// Boxes that stand first in files of MP4, MOV and 3GP (QuickTime's have no ftyp).
bool is_first_box(std::string_view type) {
  static constexpr std::array<std::string_view, 9> kTypes = {"ftyp", "moov", "mdat", "wide", "free",
                                                             "skip", "uuid", "pnot", "styp"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

// Walks the top-level boxes: whether the last one says it is longer than the file. A fragmented
// clip of two hours has some thousands; the bound is for those that say they are empty.
bool ends_inside_box(const ClipFile& file) {
  constexpr int kBoxesMax = 100'000;
  std::array<std::uint8_t, 16> header{};
  std::int64_t at = 0;
  for (int box = 0; box < kBoxesMax && at < file.bytes(); ++box) {
    const std::int64_t count = file.read(at, header);
    if (count < 8) return true;
    std::uint64_t size = be32(header, 0);
    if (size == 1 && count == 16) size = be64(header, 8);
    if (size == 0) return false;  // to the file's end
    if (size < 8) return false;   // no box: something was appended
    if (size > static_cast<std::uint64_t>(file.bytes() - at)) return true;
    at += static_cast<std::int64_t>(size);
  }
  return false;
}

// MPEG-TS has a sync byte every 188 bytes, AVCHD's after four bytes of time stamp in every 192, and
// with error correction every 204. 0 where it is none; `at`: where the first one is.
std::size_t ts_packet_bytes(Bytes head, std::size_t& at) {
  constexpr std::size_t kPackets = 5;
  for (const std::size_t size : {std::size_t{188}, std::size_t{192}, std::size_t{204}}) {
    // A recorder that lost power may start in the middle of a packet.
    for (at = 0; at < size && at + (kPackets - 1) * size < head.size(); ++at) {
      std::size_t packet = 0;
      while (packet < kPackets && head[at + packet * size] == 0x47) ++packet;
      if (packet == kPackets) return size;
    }
  }
  return 0;
}

}  // namespace

Result<ClipFile> ClipFile::open(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return reject(Reason::kInput, "clip: not a regular file");
  }
  if (status.st_size > kClipBytesMax) return reject(Reason::kClipBytes, "clip: too large");
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return ClipFile(descriptor, status.st_size);
}

std::int64_t ClipFile::read(std::int64_t at, std::span<std::uint8_t> into) const {
  if (at < 0 || at >= bytes_) return 0;
  const auto left = static_cast<std::uint64_t>(bytes_ - at);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()));
  std::size_t done = 0;
  while (done < wanted) {
    const ssize_t count =
        pread(descriptor_, into.data() + done, wanted - done, at + static_cast<std::int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;  // somebody cut it meanwhile
    done += static_cast<std::size_t>(count);
  }
  return static_cast<std::int64_t>(done);
}

Sniffed sniff(const ClipFile& file) {
  Head buffer{};
  const std::int64_t count = file.read(0, buffer);
  const Bytes head(buffer.data(), static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  if (head.size() < 12) return {};
  if (text_at(head, 0) == "RIFF" && text_at(head, 8) == "AVI ") {
    const auto byte = [&head](std::size_t at) { return static_cast<std::uint32_t>(head[at]); };
    const std::uint32_t size = byte(4) | byte(5) << 8U | byte(6) << 16U | byte(7) << 24U;
    return {Container::kAvi, size + std::int64_t{8} > file.bytes()};
  }
  if (is_first_box(text_at(head, 4))) return {Container::kMov, ends_inside_box(file)};
  std::size_t first = 0;
  if (const std::size_t packet = ts_packet_bytes(head, first)) {
    // In AVCHD the packet starts four bytes before its sync byte.
    const std::size_t start = packet == 192 && first >= 4 ? first - 4 : first;
    const auto body = static_cast<std::uint64_t>(file.bytes()) - start;
    return {Container::kMpegTs, body % packet != 0};
  }
  return {};
}

}  // namespace sudare::clip::rebuild
