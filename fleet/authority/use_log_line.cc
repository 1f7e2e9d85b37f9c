#include "fleet/authority/use_log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

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

std::string hex_of(ByteSpan bytes) { return cli::hex(text_of(bytes)); }

// A line is BODY ‖ `,"mac":"…"` ‖ `,"hash":"…"}`: the MAC covers the body, the hash all before it.
constexpr std::string_view kMacField = ",\"mac\":\"";
constexpr std::string_view kHashField = ",\"hash\":\"";
constexpr std::string_view kQuote = "\"";
constexpr std::string_view kEnd = "\"}";

// `text` ends in FIELD, a hash and END: takes them off.
bool take_last(std::string_view& text, std::string_view field, std::string_view end,
               std::string_view& hash) {
  const std::size_t length = field.size() + kLogHashCharacters + end.size();
  if (text.size() < length || !text.ends_with(end)) return false;
  const std::string_view tail = text.substr(text.size() - length);
  if (!tail.starts_with(field)) return false;
  hash = tail.substr(field.size(), kLogHashCharacters);
  text.remove_suffix(length);
  return true;
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

std::string use_line_hash(std::string_view line_before_hash) {
  std::array<std::uint8_t, kSha256Bytes> hash{};
  sha256({bytes_of(kEntryLabel), bytes_of(line_before_hash)}, hash);
  return hex_of(hash);
}

std::string use_line(const nlohmann::ordered_json& body, const UseLogKey& key, std::string& hash) {
  std::string line = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  line.pop_back();  // the brace
  const std::string mac = key.mac(line);
  line.append(kMacField).append(mac).append(kQuote);
  hash = use_line_hash(line);
  return line.append(kHashField).append(hash).append(kEnd).append("\n");
}

bool split_use_line(std::string_view line, UseLineParts& parts) {
  if (!take_last(line, kHashField, kEnd, parts.hash)) return false;
  parts.before_hash = line;
  if (!take_last(line, kMacField, kQuote, parts.mac)) return false;
  parts.body = line;
  return true;
}

LogHead start_of_log() { return {0, std::string(kLogHashCharacters, '0')}; }

// FILE.head; nothing where it is missing.
Result<std::optional<LogHead>> read_log_head(const std::string& file) {
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

Result<LogHead> parse_log_head(std::string_view text) {
  LogHead head;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, head.entries);
  const auto rest = static_cast<std::size_t>(end - parsed.ptr);
  if (parsed.ec != std::errc{} || rest != 1 + kLogHashCharacters || *parsed.ptr != ':') {
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
