#include "fleet/preview/sample_line.h"

#include <simdjson.h>
#include <sodium.h>

#include <optional>

namespace sudare {
namespace {

using simdjson::dom::element;

// The last millisecond of 9999-12-31: days up to here have an epoch.
constexpr std::int64_t kTimeMsMax = 253'402'300'799'999;
// Deeper than the gateway takes, so that it is the gateway's stages that refuse it.
constexpr std::size_t kLineDepthMax = 2048;

// The value that starts at `at` in JSON that has been validated; moves `at` past it.
std::string_view raw_value(std::string_view json, std::size_t& at) {
  const std::size_t begin = at;
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
        if (depth == 0) return json.substr(begin, ++at - begin);
      }
      continue;
    }
    if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;  // of the object around
      if (--depth == 0) return json.substr(begin, ++at - begin);
    } else if (depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      break;
    }
  }
  return json.substr(begin, at - begin);
}

void skip(std::string_view json, std::size_t& at, std::string_view characters) {
  while (at < json.size() && characters.find(json[at]) != std::string_view::npos) ++at;
}

// The text of the object's `index`-th member's value.
std::string raw_member(std::string_view object, std::size_t index) {
  std::size_t at = object.find('{') + 1;
  for (std::size_t i = 0;; ++i) {
    skip(object, at, " \t\r\n,");
    static_cast<void>(raw_value(object, at));  // the key
    skip(object, at, " \t\r\n:");
    const std::string_view value = raw_value(object, at);
    if (i == index) return std::string(value);
  }
}

Result<std::string> decode_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return fail(ErrorCode::kMalformed, "payload_base64 is not base64");
  }
  bytes.resize(length);
  return bytes;
}

// The members that count, each at most once.
class Members {
 public:
  Status take(std::string_view key, element value, std::size_t index) {
    if (key == "topic") return take_topic(value);
    if (key == "time_ms") return take_time(value);
    if (key == "payload_base64") return take_base64(value);
    if (key != "payload") return Done{};
    if (has_payload_) return fail(ErrorCode::kMalformed, "the payload is given twice");
    has_payload_ = true;
    raw_index_ = index;
    return Done{};
  }

  Result<SampleLine> finish(std::string_view line) {
    if (!has_topic_) return fail(ErrorCode::kMalformed, "\"topic\" is missing");
    if (!has_time_) return fail(ErrorCode::kMalformed, "\"time_ms\" is missing");
    if (!has_payload_) {
      return fail(ErrorCode::kMalformed, "\"payload\" or \"payload_base64\" is missing");
    }
    if (raw_index_) {
      line_.payload = raw_member(line, *raw_index_);
      line_.json = true;
    }
    return std::move(line_);
  }

 private:
  Status take_topic(element value) {
    std::string_view text;
    if (has_topic_) return fail(ErrorCode::kMalformed, "\"topic\" is given twice");
    if (value.get_string().get(text) != simdjson::SUCCESS || text.empty()) {
      return fail(ErrorCode::kMalformed, "\"topic\" is not text");
    }
    line_.topic = std::string(text);
    has_topic_ = true;
    return Done{};
  }

  Status take_time(element value) {
    if (has_time_) return fail(ErrorCode::kMalformed, "\"time_ms\" is given twice");
    if (value.get_int64().get(line_.time_ms) != simdjson::SUCCESS || line_.time_ms < 0 ||
        line_.time_ms > kTimeMsMax) {
      return fail(ErrorCode::kMalformed,
                  "\"time_ms\" is not a time: whole milliseconds since 1970");
    }
    has_time_ = true;
    return Done{};
  }

  Status take_base64(element value) {
    std::string_view text;
    if (has_payload_) return fail(ErrorCode::kMalformed, "the payload is given twice");
    if (value.get_string().get(text) != simdjson::SUCCESS) {
      return fail(ErrorCode::kMalformed, "\"payload_base64\" is not text");
    }
    TRY(line_.payload, decode_base64(text));
    has_payload_ = true;
    return Done{};
  }

  SampleLine line_;
  bool has_topic_ = false;
  bool has_time_ = false;
  bool has_payload_ = false;
  std::optional<std::size_t> raw_index_;
};

}  // namespace

Result<SampleLine> parse_sample_line(std::string_view line) {
  simdjson::dom::parser parser;
  if (parser.allocate(line.size(), kLineDepthMax) != simdjson::SUCCESS) {
    return fail(ErrorCode::kInternal, "json: parser not ready");
  }
  const simdjson::padded_string padded(line);
  simdjson::dom::object object;
  element root;
  const simdjson::error_code error = parser.parse(padded).get(root);
  if (error == simdjson::DEPTH_ERROR) return fail(ErrorCode::kTooDeep, "json: nesting");
  if (error != simdjson::SUCCESS) return fail(ErrorCode::kMalformed, "not JSON", error);
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return fail(ErrorCode::kMalformed, "not a JSON object");
  }
  Members members;
  std::size_t index = 0;
  for (const simdjson::dom::key_value_pair member : object) {
    TRY(members.take(member.key, member.value, index++));
  }
  return members.finish(line);
}

}  // namespace sudare
