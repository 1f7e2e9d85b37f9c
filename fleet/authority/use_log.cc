#include "fleet/authority/use_log.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/utc.h"
#include "fleet/authority/use_log_line.h"
#include "fleet/cli/descriptor.h"
#include "fleet/cli/read_file.h"

namespace sudare {
namespace {

constexpr unsigned kOwnerOnly = 0600;

// The account that ran the tool, as the system knows it.
std::string operator_name() {
  const uid_t user = getuid();
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  const std::string id = std::to_string(user);
  return found == nullptr ? id : std::string(found->pw_name) + " (" + id + ")";
}

Status append_line(int descriptor, std::string_view line) {
  const off_t start = lseek(descriptor, 0, SEEK_END);
  if (start < 0) return fail(ErrorCode::kIo, "log: seek", errno);
  if (const Status written = write_all(descriptor, line, "log: write"); !written) {
    // Half a line would be taken for an edit.
    static_cast<void>(ftruncate(descriptor, start) == 0);
    return written;
  }
  if (fsync(descriptor) != 0) return fail(ErrorCode::kIo, "log: fsync", errno);
  return Done{};
}

// What a power cut leaves: a new log without its head, or half a line, whose answer was never
// given. What FILE.head names is not touched: if that is what is missing, verification says so.
Status mend(const std::string& file, int descriptor) {
  TRY(const std::string text, cli::read_file(file, kLogBytesMax));
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
  if (whole < text.size() && ftruncate(descriptor, static_cast<off_t>(whole)) != 0) {
    return fail(ErrorCode::kIo, "log: cut", errno);
  }
  TRY(const std::optional<LogHead> head, read_log_head(file));
  if (head || whole > 0) return Done{};
  return cli::write_file(file + ".head", to_string(start_of_log()) + "\n", kOwnerOnly);
}

}  // namespace

Result<UseLog> UseLog::open(const std::string& file) {
  const int descriptor =
      ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return fail(ErrorCode::kIo, "log: open", errno);
  UseLog log(file, descriptor, start_of_log());
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail(errno == EWOULDBLOCK ? ErrorCode::kRefused : ErrorCode::kIo,
                "log: in use by another process", errno);
  }
  TRY(mend(file, descriptor));
  TRY(log.head_, verify_use_log(file, {}, std::nullopt));
  return log;
}

UseLog::UseLog(UseLog&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      head_(std::move(other.head_)) {}

UseLog::~UseLog() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<LogHead> UseLog::append(const Use& use, const UseLogKey& key, const Clock& clock) {
  nlohmann::ordered_json body;
  body["entry"] = head_.entries + 1;
  body["time"] = utc_text(clock.wall_ms(), kIso8601);
  body["operator"] = operator_name();
  body["call"] = use.call;
  body["reason"] = use.reason;
  body["asked"] = use.asked;
  body["purposes"] = use.purposes;
  body["from"] = use.from;
  body["to"] = use.to;
  body["cars"] = use.cars;
  body["keys"] = key.key_ids();
  body["previous"] = head_.hash;
  LogHead next{head_.entries + 1, {}};
  const std::string line = use_line(body, key, next.hash);
  if (line.size() > kUseLineBytesMax) return fail(ErrorCode::kTooLarge, "log: too long a line");
  TRY(append_line(descriptor_, line));
  // A power cut here leaves a log that goes past its head, which is no cut.
  TRY(cli::write_file(file_ + ".head", to_string(next) + "\n", kOwnerOnly));
  head_ = next;
  return next;
}

}  // namespace sudare
