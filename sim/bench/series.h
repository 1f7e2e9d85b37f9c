// The messages that a benchmark sends: real ones of a simulated car, made before anything is
// measured, numbered by their time field so that each is accounted for when it is opened.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/traffic/encode.h"

namespace google::protobuf {
class Message;
}

namespace sudare::sim::bench {

// Message n carries the time first_ms + n seconds. Not thread-safe but for const functions.
class Series {
 public:
  // vehicle/position: about 200 bytes of JSON, or 54 of Protobuf, of a car's drives. `pool`
  // different ones, taken in turn: more than fit in a batch, so that none compresses better than a
  // drive does.
  static Series positions(PayloadCodec codec, std::uint64_t seed, std::int64_t first_ms,
                          std::size_t pool);
  // vehicle/emergency, Protobuf.
  static Series emergencies(std::uint64_t seed, std::int64_t first_ms);

  [[nodiscard]] const std::string& topic() const { return topic_; }
  // Valid until the next call.
  [[nodiscard]] std::string_view payload(std::uint64_t number);
  // Nothing where it is no message of this series.
  [[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view payload) const;
  // Of positions(): whether every field is as it was sent; the form (order, spaces) may differ.
  [[nodiscard]] bool same_position(std::uint64_t number, std::string_view opened);
  [[nodiscard]] double mean_bytes() const;

 private:
  struct Slot {
    std::string payload;
    std::size_t time_at = 0;  // of the time's bytes
  };
  Series(std::string topic, PayloadCodec codec, std::int64_t first_ms);
  void add(const google::protobuf::Message& message);
  // The bytes of a time in a payload; of one length for 300 years.
  [[nodiscard]] std::string time_bytes(std::int64_t time_ms) const;

  std::string topic_;
  PayloadCodec codec_;
  std::int64_t first_ms_;
  std::vector<Slot> pool_;
  // The time field of a Protobuf payload; 0 where there is none.
  std::function<std::int64_t(std::string_view)> protobuf_time_;
};

}  // namespace sudare::sim::bench
