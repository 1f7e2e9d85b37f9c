#include "clip/verify/pass_on.h"

namespace sudare::clip {
namespace {

Finding finding_of(const Marker& marker) {
  return {Reason::kMarker, literal_of(marker.kind), marker.offset};
}

}  // namespace

void PassOn::write(Bytes bytes) {
  if (bytes.empty() || write_failed_) return;
  write_failed_ = !sink_.write(bytes);
  if (!write_failed_) bytes_ += bytes.size();
}

Verdict PassOn::put(Bytes bytes) {
  scan_.feed(bytes, [this](const Marker& marker) {
    if (!found_) found_ = finding_of(marker);
  });
  if (found_) return found_;
  if (bytes.size() < kMarkerReach) {
    append(held_, bytes);
    if (held_.size() <= kMarkerReach) return {};
    const std::size_t out = held_.size() - kMarkerReach;
    write(Bytes(held_).first(out));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(out));
    return {};
  }
  write(held_);
  const std::size_t out = bytes.size() - kMarkerReach;
  write(bytes.first(out));
  held_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(out), bytes.end());
  return {};
}

Verdict PassOn::finish() {
  scan_.finish([this](const Marker& marker) {
    if (!found_) found_ = finding_of(marker);
  });
  if (!found_) write(held_);
  return found_;
}

}  // namespace sudare::clip
