// The first stage: messages from the in-vehicle broker, acknowledged only when told that they are
// on disk.
//
//   wait() ─▶ read() ─▶ (the caller processes and commits) ─▶ acknowledge()
//
// Two MQTT sessions, because one session's order in the broker delays an emergency by seconds under
// load: normal topics and consent in one, the policy's urgent sources in the other. Both are driven
// by the one thread that calls this. Redelivery is the broker's: after a crash or a lost connection
// everything unacknowledged comes again, so a message may arrive twice, never not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/collect/local_session.h"
#include "gateway/stages.h"

namespace sudare {

// How much one read() may take.
struct ReadBound {
  std::size_t messages = 0;
  std::size_t bytes = 0;  // of payload; at least one message is read
};

struct ReadResult {
  std::size_t messages = 0;
  std::size_t bytes = 0;
  bool urgent = false;  // one came over the urgent session
};

struct CollectStatus {
  bool normal_connected = false;
  bool urgent_connected = false;  // also where the policy has no urgent source
  bool subscribed = false;        // the broker has answered every subscription
  std::uint64_t refused_filters = 0;
  std::uint64_t connects = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  // of payload
};

class Collector final : private IncomingSink {
 public:
  // `too_large`: the payload is over kPayloadBytesMax and is not in the message. The message is
  // reused: valid during the call.
  using Take = std::function<void(const Message& message, bool too_large)>;

  Collector(const CollectOptions& options, const Clock& clock);

  void set_filters(std::vector<std::string> normal, std::vector<std::string> urgent);

  // Until something can be read, one of `others` has an event, or the time is over. Connects and
  // reconnects on the way, without blocking but for the look-up of a host name. Without `reading`
  // the sessions are left alone: what the brokers send waits in the sockets.
  void wait(std::int64_t timeout_ms, bool reading, std::vector<pollfd>& others);
  // Urgent before normal, and again after every few normal messages.
  [[nodiscard]] ReadResult read(const ReadBound& bound, const Take& take);
  void acknowledge();
  // A retained message for in-vehicle apps, QoS 0, over the normal session. False: not connected.
  bool publish(std::string_view topic, std::string_view payload);
  // Gives the broker at most `ms_max` to read the last acknowledgements: what it has not read comes
  // again.
  void disconnect(std::int64_t ms_max);

  [[nodiscard]] CollectStatus status() const;

 private:
  void incoming(const Incoming& incoming) override;
  std::size_t read_session(LocalSession& session, const ReadBound& bound, std::size_t most);

  const Clock& clock_;
  LocalSession normal_;
  LocalSession urgent_;
  bool urgent_used_ = false;
  Message message_;
  const Take* take_ = nullptr;  // during read()
  bool reading_normal_ = false;
  std::size_t round_messages_ = 0;
  std::size_t round_bytes_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sudare
