// Which source a topic belongs to. Topics without captures are found by one hash look-up, the
// others by comparing levels.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "gateway/policy/policy.h"
#include "gateway/stages.h"

namespace sudare {

// Immutable; any thread. Keeps a reference to `policy`.
class TopicTable {
 public:
  explicit TopicTable(const Policy& policy);

  // kNotFound where no source's topic matches.
  [[nodiscard]] Result<SourceIndex> source_of(std::string_view topic) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  const Policy& policy_;
  std::unordered_map<std::string, SourceIndex, Hash, std::equal_to<>> literal_;
  std::vector<SourceIndex> capturing_;
};

// Where the levels of `topic` lie in it, one span for each of `levels`; the last spans all that
// remain where it captures the rest. False where the topic does not match; `spans` is then
// unspecified.
[[nodiscard]] bool match_levels(const std::vector<TopicLevel>& levels, std::string_view topic,
                                std::vector<TextSpan>& spans);

}  // namespace sudare
