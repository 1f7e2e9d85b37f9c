#include "gateway/policy/topic.h"

#include <algorithm>

#include "base/limits.h"

namespace sudare {
namespace {

constexpr std::string_view kRest = "...";

bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// What is wrong with a topic as a whole; empty where nothing is.
std::string fault_of(const std::string& topic) {
  if (topic.empty()) return "a source without topic";
  if (topic.size() > kTopicBytesMax) return "the topic is too long";
  if (topic.front() == '$') return "topics that begin with \"$\" are the broker's own";
  for (const char c : topic) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return "the topic holds a control character";
    }
  }
  return "";
}

std::string fault_of_level(std::string_view text) {
  if (text.empty()) return "the topic has an empty level";
  if (text.find_first_of("+#") != std::string_view::npos) {
    return "MQTT wildcards are not written in a policy";
  }
  if (text.find_first_of("{}") != std::string_view::npos) {
    return "a capture must be a whole level and its name letters, digits, \"_\" or \"-\"";
  }
  return "";
}

}  // namespace

std::vector<TopicLevel> parse_topic(const std::string& topic, const std::string& where,
                                    Findings& findings) {
  const std::string hint = "write levels joined by \"/\", such as \"tesla/{vin}/v/Location\"";
  std::string fault = fault_of(topic);
  std::vector<TopicLevel> levels;
  for (std::size_t start = 0; fault.empty() && start <= topic.size();) {
    const std::size_t end = std::min(topic.find('/', start), topic.size());
    std::string text = topic.substr(start, end - start);
    start = end + 1;
    TopicLevel level;
    if (text.size() > 2 && text.front() == '{' && text.back() == '}') {
      level.capture = true;
      text = text.substr(1, text.size() - 2);
      level.rest = text.size() > kRest.size() &&
                   text.compare(text.size() - kRest.size(), kRest.size(), kRest) == 0;
      if (level.rest) text.resize(text.size() - kRest.size());
      if (!is_name(text)) text = "{}";  // fault_of_level says what a capture may look like
      const bool known = std::any_of(levels.begin(), levels.end(), [&](const TopicLevel& other) {
        return other.capture && other.text == text;
      });
      if (known) fault = "two levels capture the same name";
    }
    if (fault.empty()) fault = fault_of_level(text);
    if (fault.empty() && !levels.empty() && levels.back().rest) {
      fault = "\"{name...}\" must be the last level";
    }
    level.text = std::move(text);
    levels.push_back(std::move(level));
  }
  if (fault.empty()) return levels;
  findings.error(where, fault, hint);
  return {};
}

std::string filter_of(const std::vector<TopicLevel>& levels) {
  std::string filter;
  for (const TopicLevel& level : levels) {
    if (!filter.empty()) filter += '/';
    if (level.rest) filter += '#';
    else if (level.capture) filter += '+';
    else filter += level.text;
  }
  return filter;
}

bool overlap(const std::vector<TopicLevel>& a, const std::vector<TopicLevel>& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i].rest || b[i].rest) return true;
    if (!a[i].capture && !b[i].capture && a[i].text != b[i].text) return false;
  }
  return a.size() == b.size();
}

bool matches(const std::vector<TopicLevel>& levels, std::string_view topic) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].rest) return true;
    const std::size_t slash = topic.find('/');
    if (!levels[i].capture && topic.substr(0, slash) != levels[i].text) return false;
    const bool last = i + 1 == levels.size();
    if (last != (slash == std::string_view::npos)) return false;
    if (!last) topic.remove_prefix(slash + 1);
  }
  return !levels.empty();
}

const SourcePlan* find_source(const Policy& policy, std::string_view topic) {
  for (const SourcePlan& source : policy.sources) {
    if (matches(source.levels, topic)) return &source;
  }
  return nullptr;
}

}  // namespace sudare
