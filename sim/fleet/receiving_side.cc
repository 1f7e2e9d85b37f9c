#include "sim/fleet/receiving_side.h"

#include <algorithm>
#include <array>
#include <span>

#include "crypto/secret_bytes.h"
#include "fleet/cli/console.h"
#include "fleet/open/open_batch.h"

namespace sudare::sim::fleet {

namespace {

constexpr std::string_view kTopics = "sudare/1/";
constexpr std::uint32_t kSessionSeconds = 3600;
// One turn of the loop: what some milliseconds open, so that the cars are served too.
constexpr std::size_t kReadBytesMax = 256U << 10U;
constexpr std::uint8_t kRefusedLeast = 0x80;

std::string random_id() {
  std::array<std::uint8_t, 10> bytes{};
  random_bytes(bytes);
  return cli::hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

ReceivingSide::ReceivingSide(const PolicyKeys& keys, Reckoning& reckoning, Canaries& canaries)
    : keys_(keys),
      reckoning_(reckoning),
      canaries_(canaries),
      client_id_(random_id()),
      receivers_(keys.policy->purposes.size()) {}

Status ReceivingSide::connect(const Broker& broker) {
  ClientOptions options;
  options.client_id = client_id_;
  // Also at first, where its random name has no session: Mosquitto 2.0.11 does not write down
  // sessions that began with a clean start.
  options.clean_start = false;
  options.session_expiry_seconds = kSessionSeconds;
  TRY(Client client, Client::start(broker, options, *this));
  client_.emplace(std::move(client));
  return Done{};
}

Status ReceivingSide::serve() {
  TRY(client_->exchange(kReadBytesMax));
  if (refused_) return fail(ErrorCode::kRefused, "MQTT: the broker refuses the subscription");
  return Done{};
}

void ReceivingSide::on_connected(bool session_present) {
  if (!session_present) client_->subscribe({std::string(kTopics) + "#"}, 1);
}

void ReceivingSide::on_subscribed(std::string_view reasons) {
  refused_ = std::any_of(reasons.begin(), reasons.end(), [](char reason) {
    return static_cast<std::uint8_t>(reason) >= kRefusedLeast;
  });
  subscribed_ = !refused_;
}

void ReceivingSide::on_message(const PublishPacket& message) {
  take(message.topic, message.payload);
}

void ReceivingSide::take(std::string_view topic, std::string_view payload) {
  ++counts_.messages;
  canaries_.delivered(topic, payload);
  const std::string_view rest = topic.substr(std::min(kTopics.size(), topic.size()));
  const std::string_view name = rest.substr(0, rest.find('/'));
  const auto& purposes = keys_.policy->purposes;
  const auto found = std::find_if(purposes.begin(), purposes.end(),
                                  [name](const auto& purpose) { return purpose.name == name; });
  if (found == purposes.end()) {
    ++counts_.unopened;
    return;
  }
  open_file(static_cast<PurposeIndex>(found - purposes.begin()), payload);
}

void ReceivingSide::open_file(PurposeIndex purpose, std::string_view file) {
  const PurposePlan& plan = keys_.policy->purposes[purpose];
  const Unsigned without =
      plan.pseudonym == PseudonymKind::kNone ? Unsigned::kTaken : Unsigned::kRefused;
  const std::span<const age::open_side::Identity> key(&keys_.identities[keys_.key_of[purpose]], 1);
  const Result<VerifiedBatch> opened = open_batch(key, plan.name, without, bytes_of(file));
  if (!opened) {
    receivers_[purpose].take_failure(opened.error());
    return;
  }
  // A fork's records are reckoned: they show as duplicated.
  if (receivers_[purpose].take(*opened) == Arrival::kDuplicate) return;
  for (const sudare::v1::Record& record : opened->batch.records()) {
    reckoning_.opened(purpose, opened->batch.pseudonym(),
                      {record.topic(), record.time_ms(), record.payload()});
    canaries_.opened(purpose, record.topic(), record.payload());
    ++counts_.records;
  }
}

ReceivedCounts ReceivingSide::counts() const {
  ReceivedCounts counts = counts_;
  for (const Receiver& receiver : receivers_) {
    counts.batches += receiver.counts().batches;
    counts.again += receiver.counts().duplicates;
    counts.unopened += receiver.counts().failed;
  }
  return counts;
}

}  // namespace sudare::sim::fleet
