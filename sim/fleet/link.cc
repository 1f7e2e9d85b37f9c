#include "sim/fleet/link.h"

#include <algorithm>

namespace sudare::sim::fleet {

namespace {

// Batches that a car has under way at a time, as the gateway's uploader bounds them.
constexpr std::size_t kOutstandingMax = 8;
// From a broker to a car come acknowledgements only.
constexpr std::size_t kReadBytesMax = 16U << 10U;
constexpr std::uint8_t kRefusedLeast = 0x80;

}  // namespace

std::string cloud_topic(const SealedMeta& meta) {
  static constexpr char kDigits[] = "0123456789abcdef";
  return "sudare/1/" + meta.purpose + "/" + kDigits[meta.shard >> 4U] + kDigits[meta.shard & 15U];
}

Status Link::connect(const Broker& broker, std::size_t attempt) {
  ClientOptions options;
  options.attempt = attempt;
  TRY(Client client, Client::start(broker, options, *this));
  client_.emplace(std::move(client));
  refused_ = false;
  return Done{};
}

Status Link::serve() {
  TRY(publish());
  TRY(client_->exchange(kReadBytesMax));
  if (refused_) return fail(ErrorCode::kRefused, "MQTT: the broker refuses a batch");
  TRY(publish());
  return client_->flush();
}

Status Link::publish() {
  while (connected() && outstanding_.size() < kOutstandingMax) {
    const MemoryStore::Row* row = car_.next_to_send();
    if (row == nullptr) break;
    const std::string topic = cloud_topic(row->meta);
    TRY(const std::uint16_t id, client_->publish(topic, row->bytes, 1, false));
    outstanding_.emplace_back(id, row->meta.id);
    ++counts_.published;
    counts_.uplink_bytes += topic.size() + row->bytes.size();
    car_.outbox().sent(row->meta.id);
  }
  return Done{};
}

void Link::close(bool politely) {
  if (client_ && politely) {
    client_->disconnect();
    // Where it can't be written the broker sees the connection end all the same.
    (void)client_->flush();
  }
  client_.reset();
  outstanding_.clear();
  car_.outbox().connection_lost();
}

void Link::on_connected(bool /*session_present*/) {}

void Link::on_acknowledged(std::uint16_t id, std::uint8_t reason) {
  const auto found = std::find_if(outstanding_.begin(), outstanding_.end(),
                                  [id](const auto& one) { return one.first == id; });
  if (found == outstanding_.end()) return;
  const RowId row = found->second;
  outstanding_.erase(found);
  if (reason >= kRefusedLeast) {
    ++counts_.refused;
    refused_ = true;
    return;
  }
  ++counts_.acknowledged;
  car_.acknowledged(row);
}

}  // namespace sudare::sim::fleet
