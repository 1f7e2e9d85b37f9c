#include "fleet/authority/use_log.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/hkdf.h"
#include "crypto/identity/encoding.h"
#include "fleet/cli/console.h"
#include "fleet/cli/read_file.h"

namespace sudare {
namespace {

constexpr std::string_view kKeyLabel = label("sudare/v1/use-log-key");
constexpr std::string_view kTokenLabel = label("sudare/v1/use-log-token");
constexpr std::string_view kMacLabel = label("sudare/v1/use-log-mac");
constexpr std::string_view kEntryLabel = label("sudare/v1/use-log-entry");

constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kHashCharacters = 2 * kSha256Bytes;
constexpr unsigned kOwnerOnly = 0600;

// A line of a hundred uses a day for a thousand years.
constexpr std::size_t kLogBytesMax = std::size_t{1} << 30;

std::string hex_of(ByteSpan bytes) { return cli::hex(text_of(bytes)); }

std::string timestamp(std::int64_t unix_ms) {
  constexpr std::int64_t kMsPerSecond = 1000;
  const std::time_t seconds = unix_ms / kMsPerSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, sizeof "9999-12-31T23:59:59Z"> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), length};
}

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

std::string entry_hash(std::string_view line_before_hash) {
  std::array<std::uint8_t, kSha256Bytes> hash{};
  sha256({bytes_of(kEntryLabel), bytes_of(line_before_hash)}, hash);
  return hex_of(hash);
}

// A line is BODY ‖ `,"mac":"…"` ‖ `,"hash":"…"}`: the MAC covers the body, the hash all before it.
constexpr std::string_view kMacField = ",\"mac\":\"";
constexpr std::string_view kHashField = ",\"hash\":\"";
constexpr std::string_view kQuote = "\"";
constexpr std::string_view kEnd = "\"}";

std::string line_of(const nlohmann::ordered_json& body, const UseLogKey& key, std::string& hash) {
  std::string line = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  line.pop_back();  // the brace
  const std::string mac = key.mac(line);
  line.append(kMacField).append(mac).append(kQuote);
  hash = entry_hash(line);
  return line.append(kHashField).append(hash).append(kEnd).append("\n");
}

struct Parts {
  std::string_view body;  // without its brace
  std::string_view mac;
  std::string_view before_hash;
  std::string_view hash;
};

// `text` ends in FIELD, a hash and END: takes them off.
bool take_last(std::string_view& text, std::string_view field, std::string_view end,
               std::string_view& hash) {
  const std::size_t length = field.size() + kHashCharacters + end.size();
  if (text.size() < length || !text.ends_with(end)) return false;
  const std::string_view tail = text.substr(text.size() - length);
  if (!tail.starts_with(field)) return false;
  hash = tail.substr(field.size(), kHashCharacters);
  text.remove_suffix(length);
  return true;
}

bool split(std::string_view line, Parts& parts) {
  if (!take_last(line, kHashField, kEnd, parts.hash)) return false;
  parts.before_hash = line;
  if (!take_last(line, kMacField, kQuote, parts.mac)) return false;
  parts.body = line;
  return true;
}

using Json = nlohmann::json;
using Identities = std::span<const age::open_side::Identity>;

bool continues(const Parts& parts, const LogHead& head, const Json& json) {
  if (entry_hash(parts.before_hash) != parts.hash || !json.is_object()) return false;
  const auto entry = json.find("entry");
  const auto previous = json.find("previous");
  return entry != json.end() && entry->is_number_unsigned() &&
         entry->get<std::uint64_t>() == head.entries + 1 && previous != json.end() &&
         previous->is_string() && previous->get_ref<const std::string&>() == head.hash;
}

// Whether the keys that the line names are among `identities`, and made its MAC.
bool written_with(Identities identities, const Parts& parts, const Json& json) {
  const auto ids = json.find("keys");
  if (ids == json.end() || !ids->is_array()) return false;
  UseLogKey::Identities found;
  for (const Json& id : *ids) {
    const auto one = std::find_if(identities.begin(), identities.end(), [&](const auto& identity) {
      return id == hex_of(identity.recipient().key_id());
    });
    if (one == identities.end()) return false;
    found.push_back(&*one);
  }
  return UseLogKey(std::move(found)).mac(parts.body) == parts.mac;
}

Status append_line(int descriptor, std::string_view line) {
  const off_t start = lseek(descriptor, 0, SEEK_END);
  if (start < 0) return fail(ErrorCode::kIo, "log: seek", errno);
  while (!line.empty()) {
    const ssize_t count = write(descriptor, line.data(), line.size());
    if (count < 0) {
      const int reason = errno;
      // Half a line would be taken for an edit.
      static_cast<void>(ftruncate(descriptor, start) == 0);
      return fail(ErrorCode::kIo, "log: write", reason);
    }
    line.remove_prefix(static_cast<std::size_t>(count));
  }
  if (fsync(descriptor) != 0) return fail(ErrorCode::kIo, "log: fsync", errno);
  return Done{};
}

// FILE.head; nothing where it is missing.
Result<std::optional<LogHead>> read_head(const std::string& file) {
  constexpr std::size_t kHeadBytesMax = 256;
  const Result<std::string> text = cli::read_file(file + ".head", kHeadBytesMax);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound) return std::nullopt;
    return tl::unexpected<Error>(text.error());
  }
  std::string_view line = *text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  TRY(LogHead head, parse_log_head(line));
  return head;
}

LogHead start_of_log() { return {0, std::string(kHashCharacters, '0')}; }

// What a power cut leaves: a new log without its head, or half a line, whose answer was never
// given. What FILE.head names is not touched: if that is what is missing, verification says so.
Status mend(const std::string& file, int descriptor) {
  TRY(const std::string text, cli::read_file(file, kLogBytesMax));
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
  if (whole < text.size() && ftruncate(descriptor, static_cast<off_t>(whole)) != 0) {
    return fail(ErrorCode::kIo, "log: cut", errno);
  }
  TRY(const std::optional<LogHead> head, read_head(file));
  if (head || whole > 0) return Done{};
  return cli::write_file(file + ".head", to_string(start_of_log()) + "\n", kOwnerOnly);
}

}  // namespace

UseLogKey::Identities UseLogKey::all_of(std::span<const age::open_side::Identity> identities) {
  Identities all;
  for (const auto& identity : identities) all.push_back(&identity);
  return all;
}

UseLogKey::UseLogKey(Identities identities) {
  std::sort(identities.begin(), identities.end(), [](const auto* a, const auto* b) {
    return a->recipient().key_id() < b->recipient().key_id();
  });
  for (const auto* identity : identities) {
    SecretBytes<32> one;
    hkdf_expand(identity->key(), {bytes_of(kKeyLabel)}, one.bytes());
    SecretBytes<32> next;
    hmac_sha256(key_.bytes(), {one.bytes()}, next.bytes());
    key_ = std::move(next);
    key_ids_.push_back(hex_of(identity->recipient().key_id()));
  }
}

std::string UseLogKey::token(std::string_view asked) const {
  std::array<std::uint8_t, kSha256Bytes> digest{};
  hmac_sha256(key_.bytes(), {bytes_of(kTokenLabel), bytes_of(asked)}, digest);
  return hex_of(ByteSpan(digest).first(kTokenBytes));
}

std::string UseLogKey::mac(std::string_view text) const {
  std::array<std::uint8_t, kSha256Bytes> digest{};
  hmac_sha256(key_.bytes(), {bytes_of(kMacLabel), bytes_of(text)}, digest);
  return hex_of(digest);
}

Result<LogHead> verify_use_lines(std::string_view text, Identities identities,
                                 const std::optional<LogHead>& kept) {
  LogHead head = start_of_log();
  bool reached = !kept || kept->entries == 0;
  while (!text.empty()) {
    const auto number = static_cast<std::int64_t>(head.entries + 1);
    const std::size_t end = text.find('\n');
    Parts parts;
    if (end == std::string_view::npos || !split(text.substr(0, end), parts)) {
      return fail(ErrorCode::kAuthentication, "log: changed or cut at line", number);
    }
    const Json json = Json::parse(std::string(parts.body) + "}", nullptr, false);
    if (!continues(parts, head, json)) {
      return fail(ErrorCode::kAuthentication, "log: changed or cut at line", number);
    }
    if (!identities.empty() && !written_with(identities, parts, json)) {
      return fail(ErrorCode::kAuthentication, "log: not written with these keys, line", number);
    }
    head = {head.entries + 1, std::string(parts.hash)};
    if (kept && kept->entries == head.entries) {
      if (kept->hash != head.hash) {
        return fail(ErrorCode::kAuthentication, "log: not the one of the noted head, line", number);
      }
      reached = true;
    }
    text.remove_prefix(end + 1);
  }
  if (!reached) {
    return fail(ErrorCode::kAuthentication, "log: cut; entries that are left",
                static_cast<std::int64_t>(head.entries));
  }
  return head;
}

Result<LogHead> verify_use_log(const std::string& file, Identities identities,
                               const std::optional<LogHead>& kept) {
  TRY(const std::string text, cli::read_file(file, kLogBytesMax));
  TRY(const std::optional<LogHead> own, read_head(file));
  if (!own && !text.empty()) {
    return fail(ErrorCode::kAuthentication, "log: FILE.head is missing");
  }
  TRY(LogHead head, verify_use_lines(text, identities, own));
  if (kept) {
    TRY(verify_use_lines(text, identities, kept));
  }
  return head;
}

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
  body["time"] = timestamp(clock.wall_ms());
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
  const std::string line = line_of(body, key, next.hash);
  if (line.size() > kUseLineBytesMax) return fail(ErrorCode::kTooLarge, "log: too long a line");
  TRY(append_line(descriptor_, line));
  // A power cut here leaves a log that goes past its head, which is no cut.
  TRY(cli::write_file(file_ + ".head", to_string(next) + "\n", kOwnerOnly));
  head_ = next;
  return next;
}

Result<LogHead> parse_log_head(std::string_view text) {
  LogHead head;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, head.entries);
  const auto rest = static_cast<std::size_t>(end - parsed.ptr);
  if (parsed.ec != std::errc{} || rest != 1 + kHashCharacters || *parsed.ptr != ':') {
    return fail(ErrorCode::kMalformed, "log head: not NUMBER:HASH");
  }
  head.hash = std::string(parsed.ptr + 1, end);
  if (head.hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(ErrorCode::kMalformed, "log head: not NUMBER:HASH");
  }
  return head;
}

std::string to_string(const LogHead& head) {
  return std::to_string(head.entries) + ":" + head.hash;
}

}  // namespace sudare
