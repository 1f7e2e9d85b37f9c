#include "tests/faults/process/cloud_witness.h"

#include <utility>

#include "gateway/mqtt/packet_reader.h"

namespace sudare::faults {
namespace {

constexpr std::size_t kPacketBytesMax = 4 << 20;

}  // namespace

CloudWitness::Connection::Connection()
    : up(kPacketBytesMax, Oversized::kRefuse), down(kPacketBytesMax, Oversized::kRefuse) {}

CloudWitness::CloudWitness(std::uint16_t broker)
    : proxy_(std::make_unique<testkit::FaultProxy>(
          broker, testkit::FaultProxy::Scan(),
          [this](std::uint64_t connection, bool up, std::string_view bytes) {
            hear(connection, up, bytes);
          })) {}
CloudWitness::~CloudWitness() = default;

std::vector<testkit::MqttMessage> CloudWitness::acknowledged() const {
  const std::scoped_lock lock(mutex_);
  return acknowledged_;
}

void CloudWitness::hear(std::uint64_t number, bool up, std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<Connection>& connection = connections_[number];
  if (!connection) connection = std::make_unique<Connection>();
  while (true) {
    const auto packet = (up ? connection->up : connection->down).next(bytes);
    if (!packet || !*packet) return;
    hear(*connection, up, **packet);
  }
}

void CloudWitness::hear(Connection& connection, bool up, const Packet& packet) {
  const auto type = static_cast<PacketType>(packet.type);
  if (up && type == PacketType::kPublish) {
    const auto publish = read_publish(packet, MqttVersion::k311);
    if (!publish) return;
    testkit::MqttMessage message;
    message.topic = publish->topic;
    message.payload = publish->payload;
    connection.outstanding[publish->id] = std::move(message);
  } else if (!up && type == PacketType::kPuback) {
    const auto puback = read_puback(packet, MqttVersion::k311);
    if (!puback) return;
    const auto found = connection.outstanding.find(puback->id);
    if (found == connection.outstanding.end()) return;
    acknowledged_.push_back(std::move(found->second));
    connection.outstanding.erase(found);
  }
}

}  // namespace sudare::faults
