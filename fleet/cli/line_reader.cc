#include "fleet/cli/line_reader.h"

#include <unistd.h>

#include <cerrno>

#include "crypto/secret_bytes.h"

namespace sudare::cli {
namespace {

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

LineReader::~LineReader() { wipe_text(buffer_); }

// False at the end of the file.
Result<bool> LineReader::fill() {
  constexpr std::size_t kChunkBytes = 64 * 1024;
  wipe_text(buffer_);  // what is read next may be shorter
  buffer_.resize(kChunkBytes);
  at_ = 0;
  for (;;) {
    const ssize_t count = read(descriptor_, buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) continue;
    buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count < 0) return fail(ErrorCode::kIo, "read", errno);
    return count > 0;
  }
}

Result<LineReader::Outcome> LineReader::next(std::string& line) {
  line.clear();
  bool too_long = false;
  bool any = false;
  for (;;) {
    if (at_ == buffer_.size()) {
      TRY(const bool more, fill());
      if (!more) break;
    }
    any = true;
    const std::size_t end = buffer_.find('\n', at_);
    const std::size_t until = end == std::string::npos ? buffer_.size() : end;
    too_long = too_long || line.size() + (until - at_) > kLineBytesMax;
    if (too_long) {
      wipe_text(line);
      line.clear();
    } else {
      line.append(buffer_, at_, until - at_);
    }
    at_ = end == std::string::npos ? until : end + 1;
    if (end != std::string::npos) break;
  }
  if (!any) return Outcome::kEnd;
  ++number_;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return too_long ? Outcome::kTooLong : Outcome::kLine;
}

}  // namespace sudare::cli
