#include "clip/inspect/walk.h"

namespace sudare::clip {

Bytes FileWindow::at(std::uint64_t offset, std::size_t count) {
  count = std::min(count, kMost);
  if (failed_ || offset >= size()) return {};
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size() - offset));
  const bool inside = offset >= begin_ && offset - begin_ <= window_.size() &&
                      count <= window_.size() - (offset - begin_);
  if (!inside) {
    begin_ = offset;
    window_.resize(kMost);
    std::size_t got = 0;
    while (got < kMost) {
      const auto read = file_.read_at(offset + got, std::span(window_).subspan(got));
      failed_ = failed_ || !read;
      if (!read || *read == 0) break;
      got += *read;
    }
    window_.resize(got);
  }
  const auto from = static_cast<std::size_t>(offset - begin_);
  return Bytes(window_).subspan(from, std::min(count, window_.size() - from));
}

void Findings::add(Literal what, Tells tells, const InspectPath& where, std::uint64_t offset,
                   std::uint64_t bytes) {
  ++inspected_.findings;
  if (listed_ == kInspectFindingsMax) return truncated();
  std::size_t& alike = alike_[{what.view(), joined(where)}];
  if (++alike > kInspectAlikeMax) return;
  ++listed_;
  found_(InspectFinding{what, tells, where, offset, bytes});
}

std::string joined(const InspectPath& path) {
  std::string text;
  for (const Literal name : path) {
    if (!text.empty()) text += '/';
    text += name.view();
  }
  return text;
}

InspectPath operator/(InspectPath path, Literal name) {
  path.push_back(name);
  return path;
}

bool holds_something(FileWindow& file, Range range) {
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(range.size(), FileWindow::kMost));
  const Bytes bytes = file.at(range.begin, count);
  return std::any_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t byte) { return byte != 0 && byte != ' '; });
}

}  // namespace sudare::clip
