// Clips that are inspected and verified in memory.
#pragma once

#include <algorithm>
#include <span>

#include "clip/inspect/inspect.h"
#include "clip/nal/bytes.h"
#include "clip/verify/verify.h"

namespace sudare::testkit {

class MemoryFile final : public clip::InspectFile {
 public:
  explicit MemoryFile(clip::Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const clip::Bytes rest = bytes_.subspan(static_cast<std::size_t>(offset));
    const std::size_t count = std::min(rest.size(), into.size());
    std::copy_n(rest.begin(), count, into.begin());
    return count;
  }

 private:
  clip::Bytes bytes_;
};

// Gives at most `piece` bytes a time, as a pipe may.
class MemorySource final : public clip::VerifySource {
 public:
  MemorySource(clip::Bytes bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min({into.size(), piece_, rest_.size()});
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  clip::Bytes rest_;
  std::size_t piece_;
};

class MemorySink final : public clip::VerifySink {
 public:
  Status write(clip::Bytes bytes) override {
    clip::append(out, bytes);
    return Done{};
  }
  clip::Buffer out;
};

}  // namespace sudare::testkit
