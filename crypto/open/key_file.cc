#include "crypto/open/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace sudare::age::open_side {
namespace {

constexpr ByteSpan without_carriage_return(ByteSpan line) {
  return !line.empty() && line.back() == '\r' ? line.first(line.size() - 1) : line;
}

Status write_all(int descriptor, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(ErrorCode::kIo, "key file: write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Done{};
}

}  // namespace

Result<std::vector<Identity>> parse_key_file(ByteSpan text) {
  std::vector<Identity> identities;
  std::int64_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const auto end = std::find(text.begin(), text.end(), '\n');
    const auto length = static_cast<std::size_t>(end - text.begin());
    const ByteSpan line = without_carriage_return(text.first(length));
    text = text.subspan(std::min(length + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    if (identities.size() == kKeyFileIdentitiesMax) {
      return fail(ErrorCode::kTooLarge, "key file: too many identities", line_number);
    }
    Result<Identity> identity = Identity::parse(line);
    if (!identity) {
      return fail(ErrorCode::kMalformed, "key file: not an X25519 identity", line_number);
    }
    identities.push_back(std::move(*identity));
  }
  if (identities.empty()) return fail(ErrorCode::kMalformed, "key file: no identity");
  return identities;
}

Result<std::vector<Identity>> read_key_file(int descriptor) {
  SecretBuffer text(kKeyFileBytesMax + 1);  // one more than allowed shows that there is more
  std::size_t size = 0;
  while (size < text.size()) {
    const MutableByteSpan room = text.bytes().subspan(size);
    const ssize_t count = read(descriptor, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::kIo, "key file: read", errno);
    if (count == 0) return parse_key_file(text.bytes().first(size));
    size += static_cast<std::size_t>(count);
  }
  return fail(ErrorCode::kTooLarge, "key file: larger than the limit");
}

Result<std::vector<Identity>> read_key_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return fail(code, "key file: open", errno);
  }
  auto identities = read_key_file(descriptor);
  close(descriptor);
  return identities;
}

Status write_key_file(int descriptor, const Identity& identity) {
  const std::string comment = "# public key: " + identity.recipient().to_string() + "\n";
  TRY(write_all(descriptor, bytes_of(comment)));
  TRY(write_all(descriptor, identity.encode().bytes()));
  return write_all(descriptor, bytes_of("\n"));
}

}  // namespace sudare::age::open_side
