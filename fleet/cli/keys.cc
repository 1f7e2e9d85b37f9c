#include "fleet/cli/keys.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "crypto/open/key_file.h"
#include "crypto/secret_bytes.h"
#include "fleet/cli/descriptor.h"

namespace sudare::cli {
namespace {

constexpr std::string_view kPurposeComment = "# purpose: ";
constexpr std::size_t kPurposeNameCharactersMax = 32;

std::string purpose_in(ByteSpan file) {
  std::string_view text = text_of(file);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.starts_with(kPurposeComment)) return std::string(line.substr(kPurposeComment.size()));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Result<SecretBuffer> read_secret(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "key file: open", errno);
  }
  SecretBuffer buffer(age::open_side::kKeyFileBytesMax + 1);
  std::size_t length = 0;
  while (length < buffer.size()) {
    const ssize_t count = read(file.get(), buffer.bytes().data() + length, buffer.size() - length);
    if (count < 0) return fail(ErrorCode::kIo, "key file: read", errno);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  SecretBuffer exact(length);
  std::copy_n(buffer.bytes().begin(), length, exact.bytes().begin());
  return exact;
}

Result<KeyFile> read_keys(const std::filesystem::path& path) {
  TRY(const SecretBuffer text, read_secret(path));
  TRY(std::vector<age::open_side::Identity> identities,
      age::open_side::parse_key_file(text.bytes()));
  std::string purpose = purpose_in(text.bytes());
  if (!purpose.empty() && !is_purpose_name(purpose)) {
    return fail(ErrorCode::kMalformed, "key file: not a purpose's name in its purpose comment");
  }
  return KeyFile{std::move(identities), std::move(purpose)};
}

Status create_key_file(const std::filesystem::path& path, const age::open_side::Identity& identity,
                       const std::string& purpose) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    return fail(errno == EEXIST ? ErrorCode::kRefused : ErrorCode::kIo, "key file: create", errno);
  }
  if (!purpose.empty()) {
    const std::string comment = std::string(kPurposeComment) + purpose + "\n";
    if (write(file.get(), comment.data(), comment.size()) != static_cast<ssize_t>(comment.size())) {
      return fail(ErrorCode::kIo, "key file: write", errno);
    }
  }
  TRY(age::open_side::write_key_file(file.get(), identity));
  if (fsync(file.get()) != 0) return fail(ErrorCode::kIo, "key file: fsync", errno);
  return Done{};
}

bool is_purpose_name(std::string_view name) {
  if (name.empty() || name.size() > kPurposeNameCharactersMax) return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace sudare::cli
