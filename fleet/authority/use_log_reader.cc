#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fleet/authority/use_log.h"
#include "fleet/authority/use_log_line.h"
#include "fleet/cli/console.h"
#include "fleet/cli/read_file.h"

namespace sudare {
namespace {

using Json = nlohmann::json;
using Identities = std::span<const age::open_side::Identity>;

bool continues(const UseLineParts& parts, const LogHead& head, const Json& json) {
  if (use_line_hash(parts.before_hash) != parts.hash || !json.is_object()) return false;
  const auto entry = json.find("entry");
  const auto previous = json.find("previous");
  return entry != json.end() && entry->is_number_unsigned() &&
         entry->get<std::uint64_t>() == head.entries + 1 && previous != json.end() &&
         previous->is_string() && previous->get_ref<const std::string&>() == head.hash;
}

// Whether the keys that the line names are among `identities`, and made its MAC.
bool written_with(Identities identities, const UseLineParts& parts, const Json& json) {
  const auto ids = json.find("keys");
  if (ids == json.end() || !ids->is_array()) return false;
  UseLogKey::Identities found;
  for (const Json& id : *ids) {
    const auto one = std::find_if(identities.begin(), identities.end(), [&](const auto& identity) {
      return id == cli::hex(text_of(identity.recipient().key_id()));
    });
    if (one == identities.end()) return false;
    found.push_back(&*one);
  }
  return UseLogKey(std::move(found)).mac(parts.body) == parts.mac;
}

}  // namespace

Result<LogHead> verify_use_lines(std::string_view text, Identities identities,
                                 const std::optional<LogHead>& kept) {
  LogHead head = start_of_log();
  bool reached = !kept || kept->entries == 0;
  while (!text.empty()) {
    const auto number = static_cast<std::int64_t>(head.entries + 1);
    const std::size_t end = text.find('\n');
    UseLineParts parts;
    if (end == std::string_view::npos || !split_use_line(text.substr(0, end), parts)) {
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
  TRY(const std::optional<LogHead> own, read_log_head(file));
  if (!own && !text.empty()) {
    return fail(ErrorCode::kAuthentication, "log: FILE.head is missing");
  }
  TRY(LogHead head, verify_use_lines(text, identities, own));
  if (kept) {
    TRY(verify_use_lines(text, identities, kept));
  }
  return head;
}

}  // namespace sudare
