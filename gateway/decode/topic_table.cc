#include "gateway/decode/topic_table.h"

#include <algorithm>

#include "base/limits.h"

namespace sudare {
namespace {

std::string joined(const std::vector<TopicLevel>& levels) {
  std::string topic;
  for (const TopicLevel& level : levels) topic += (&level == levels.data() ? "" : "/") + level.text;
  return topic;
}

// Calls `take(offset, length)` for every level of a topic that matches.
template <class Take>
bool walk_levels(const std::vector<TopicLevel>& levels, std::string_view topic, Take take) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (at > topic.size()) return false;  // the topic has fewer levels
    const TopicLevel& level = levels[i];
    const std::size_t end = level.rest ? topic.size() : std::min(topic.find('/', at), topic.size());
    if (!level.capture && topic.substr(at, end - at) != level.text) return false;
    take(at, end - at);
    at = end + 1;
  }
  return at > topic.size();
}

}  // namespace

TopicTable::TopicTable(const Policy& policy) : policy_(policy) {
  for (std::size_t i = 0; i < policy.sources.size(); ++i) {
    const std::vector<TopicLevel>& levels = policy.sources[i].levels;
    const auto index = static_cast<SourceIndex>(i);
    const bool captures = std::any_of(levels.begin(), levels.end(),
                                      [](const TopicLevel& level) { return level.capture; });
    if (captures) capturing_.push_back(index);
    else literal_.emplace(joined(levels), index);
  }
}

Result<SourceIndex> TopicTable::source_of(std::string_view topic) const {
  if (topic.size() > kTopicBytesMax) return fail(ErrorCode::kNotFound, "decode: topic too long");
  const auto found = literal_.find(topic);
  if (found != literal_.end()) return found->second;
  for (const SourceIndex index : capturing_) {
    const auto ignore = [](std::size_t, std::size_t) {};
    if (walk_levels(policy_.sources[index].levels, topic, ignore)) return index;
  }
  return fail(ErrorCode::kNotFound, "decode: no source has this topic");
}

bool match_levels(const std::vector<TopicLevel>& levels, std::string_view topic,
                  std::vector<TextSpan>& spans) {
  spans.clear();
  return walk_levels(levels, topic, [&spans](std::size_t offset, std::size_t length) {
    spans.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)});
  });
}

}  // namespace sudare
