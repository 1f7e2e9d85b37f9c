// What a hostile broker sends. Input: a byte that decides how the stream is split, then the stream.
// However it is split, the packets are the same; no reader crashes; a PUBLISH that is read can be
// written and read again.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "gateway/mqtt/packet_reader.h"
#include "gateway/mqtt/packet_writer.h"

using namespace sudare;

namespace {

constexpr std::size_t kPacketBytesMax = 1024;

struct Seen {
  std::vector<std::string> packets;
  int error = -1;
  friend bool operator==(const Seen&, const Seen&) = default;
};

void write_again(const PublishPacket& publish, MqttVersion version) {
  if (publish.qos > 1) return;
  std::string written;
  // Longer numbers are not written.
  const std::string_view sequence = publish.sequence.substr(0, 100);
  const PublishHead head{publish.id, publish.qos, publish.duplicate, publish.retained, sequence};
  write_publish(written, publish.topic, publish.payload, head, version);
  PacketFramer framer(written.size(), Oversized::kRefuse);
  std::string_view input = written;
  const auto packet = framer.next(input);
  if (!packet || !*packet || !input.empty()) std::abort();
  const auto again = read_publish(**packet, version);
  if (!again || again->topic != publish.topic || again->payload != publish.payload ||
      again->id != publish.id || again->sequence != sequence) {
    std::abort();
  }
}

void read(const Packet& packet) {
  for (const MqttVersion version : {MqttVersion::k311, MqttVersion::k5}) {
    (void)read_connack(packet, version);
    (void)read_puback(packet, version);
    (void)read_suback(packet, version);
    if (const auto publish = read_publish(packet, version)) write_again(*publish, version);
  }
  (void)read_disconnect(packet);
}

// Pieces of one to 256 bytes, from a generator that the first byte starts; 0: one piece.
Seen take(std::string_view stream, std::uint32_t split, Oversized oversized) {
  Seen seen;
  PacketFramer framer(kPacketBytesMax, oversized);
  while (!stream.empty()) {
    split = split * 1'664'525U + (split == 0 ? 0U : 1'013'904'223U);
    const std::size_t piece = split == 0 ? stream.size() : 1 + (split >> 24U);
    std::string_view input = stream.substr(0, piece);
    stream.remove_prefix(input.size());
    while (true) {
      const auto packet = framer.next(input);
      if (!packet) {
        seen.error = static_cast<int>(packet.error().code);
        return seen;
      }
      if (!*packet) break;
      const Packet& one = **packet;
      if (one.body.size() >= kPacketBytesMax) std::abort();
      read(one);
      seen.packets.push_back(
          std::string{static_cast<char>(one.type), static_cast<char>(one.flags)} +
          std::string(one.body));
    }
    if (!input.empty()) std::abort();
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const Oversized oversized : {Oversized::kRefuse, Oversized::kCut}) {
    if (take(stream, 0, oversized) != take(stream, data[0] | 1U, oversized)) std::abort();
  }
  return 0;
}
