// A car's messages, and for each drive-recorder event among them the clip that it names.
#pragma once

#include <string>

#include "sim/traffic/traffic.h"

namespace sudare::sim {

// Not thread-safe. Keeps a reference to `messages`.
class ClipSource final : public MessageSource {
 public:
  // `directory`: of the recorder; must be there. The clip is complete before next() returns its
  // event. A clip that can't be made is an error on stderr, and `failed` counts it.
  ClipSource(MessageSource& messages, std::string directory, PayloadCodec codec)
      : messages_(messages), directory_(std::move(directory)), codec_(codec) {}

  [[nodiscard]] std::optional<Outgoing> next() override;
  [[nodiscard]] std::uint64_t made() const { return made_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }

 private:
  void make(const Outgoing& event);

  MessageSource& messages_;
  std::string directory_;
  PayloadCodec codec_;
  std::uint64_t made_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace sudare::sim
