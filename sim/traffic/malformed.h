// Damages a share of a car's messages, as a broken or hostile app in the car would: a unit must
// refuse each of them and let the rest through as if nothing had been.
//
//   truncated     the last byte is missing
//   types         a field of a wire type that does not exist; in JSON a value that is none (NaN)
//   random        random bytes, after eleven that can begin nothing
//   nested        objects or groups one in another, 1,000 deep
//   oversized     one byte more than kPayloadBytesMax
//   unknown-topic whole, on a topic that no policy names
//   not-utf8      JSON only: a byte that UTF-8 never has
#pragma once

#include <optional>

#include "sim/random.h"
#include "sim/traffic/traffic.h"

namespace sudare::sim {

class MalformedSource final : public MessageSource {
 public:
  // `share`: 0 to 1 of the messages, but of retained ones none. Keeps a reference to `inner`. The
  // same seed damages the same messages.
  MalformedSource(MessageSource& inner, double share, PayloadCodec codec, std::uint64_t seed)
      : inner_(inner), share_(share), codec_(codec), random_(seed) {}

  // A damaged message has its kind in `damage` and, for the scans, the positions that it had.
  [[nodiscard]] std::optional<Outgoing> next() override;

 private:
  void damage(Outgoing& message);

  MessageSource& inner_;
  double share_;
  PayloadCodec codec_;
  Random random_;
  std::size_t kind_ = 0;  // in turn: a short run has them all
};

}  // namespace sudare::sim
