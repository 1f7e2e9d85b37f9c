// The last step: bytes that were checked go through the marker scan and out. Holds back what a
// marker that goes on in the next bytes could begin in.
#pragma once

#include <cstdint>

#include "clip/verify/finding.h"
#include "clip/verify/marker_scan.h"
#include "clip/verify/verify.h"

namespace sudare::clip {

class PassOn {
 public:
  explicit PassOn(VerifySink& sink) : sink_(sink) {}

  // A finding, or write_failed(): then nothing more may be put.
  [[nodiscard]] Verdict put(Bytes bytes);
  // Nothing follows.
  [[nodiscard]] Verdict finish();
  [[nodiscard]] bool write_failed() const { return write_failed_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void write(Bytes bytes);

  VerifySink& sink_;
  MarkerScan scan_;
  Verdict found_;
  Buffer held_;  // at most kMarkerReach bytes
  std::uint64_t bytes_ = 0;
  bool write_failed_ = false;
};

}  // namespace sudare::clip
