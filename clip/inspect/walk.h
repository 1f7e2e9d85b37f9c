// What the parsers of inspect share: the file behind a window, and the list of findings.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "clip/inspect/inspect.h"
#include "clip/verify/marker.h"

namespace sudare::clip {

constexpr std::uint32_t four(const char (&name)[5]) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(name[i]);
  return value;
}

// Reads small things all over a file without a system call each. An error of the operating system
// stays: failed() says so, and everything reads as empty then.
class FileWindow {
 public:
  explicit FileWindow(InspectFile& file) : file_(file) {}

  [[nodiscard]] std::uint64_t size() const { return file_.size(); }
  // Up to `count` ≤ kMost bytes at `offset`; fewer at the end. Valid until the next call.
  Bytes at(std::uint64_t offset, std::size_t count);
  [[nodiscard]] bool failed() const { return failed_; }

  static constexpr std::size_t kMost = 64 * 1024;

 private:
  InspectFile& file_;
  Buffer window_;
  std::uint64_t begin_ = 0;
  bool failed_ = false;
};

// Takes findings, counts all and passes on as many as the limits allow; counts the parts that were
// looked at.
class Findings {
 public:
  explicit Findings(const std::function<void(const InspectFinding&)>& found) : found_(found) {}

  void add(Literal what, Tells tells, const InspectPath& where, std::uint64_t offset,
           std::uint64_t bytes);
  // Whether one more part may be looked at.
  [[nodiscard]] bool part() { return ++parts_ <= kInspectPartsMax; }
  void truncated() { inspected_.truncated = true; }
  [[nodiscard]] Inspected& inspected() { return inspected_; }

 private:
  const std::function<void(const InspectFinding&)>& found_;
  Inspected inspected_;
  std::size_t parts_ = 0;
  std::size_t listed_ = 0;
  std::map<std::pair<std::string_view, std::string>, std::size_t> alike_;
};

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
};

// What a marker tells.
[[nodiscard]] Tells tells_of(MarkerKind kind);

[[nodiscard]] std::string joined(const InspectPath& path);
[[nodiscard]] InspectPath operator/(InspectPath path, Literal name);

// Whether any byte in the first 64 KiB of a range is something other than zero or a space.
[[nodiscard]] bool holds_something(FileWindow& file, Range range);

// The parsers. Each reads what it was made for and leaves the rest.
void inspect_mp4(FileWindow& file, Findings& findings);
void inspect_avi(FileWindow& file, Findings& findings);
void inspect_transport_stream(FileWindow& file, std::size_t packet_bytes, Findings& findings);
// The segments of one JPEG picture at `begin`.
void inspect_jpeg(FileWindow& file, Range range, const InspectPath& where, Findings& findings);
// A TIFF structure (Exif) of at most 64 KiB at `begin`.
void inspect_exif(Bytes tiff, std::uint64_t offset, const InspectPath& where, Findings& findings);

// SEI messages in one NAL unit of either codec: encoder options, camera data, text.
void inspect_sei(bool h265, Bytes nal, std::uint64_t offset, const InspectPath& where,
                 Findings& findings);
// Camera data of AVCHD, from behind "MDPM" on.
void inspect_mdpm(Bytes data, std::uint64_t offset, const InspectPath& where, Findings& findings);

}  // namespace sudare::clip
