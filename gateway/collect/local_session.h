// One persistent session at the in-vehicle broker: connects, subscribes, reads messages, and writes
// its acknowledgements only when told that the messages are on disk. Collector drives two of them.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/collect/local_connection.h"
#include "gateway/mqtt/backoff.h"

namespace sudare {

struct CollectOptions {
  MqttPeer peer;
  std::string client_id;  // the urgent session adds "-urgent"
  std::uint32_t session_expiry_seconds = 0;
  std::function<std::int64_t()> tls_time_ms;  // MqttOptions
};

// How long messages are awaited together: less than anything that is told of them.
inline constexpr std::int64_t kTogetherMs = 2;

// What a session hands on; valid during the call.
struct Incoming {
  std::string_view topic;
  std::string_view payload;
  std::string_view sequence;  // PublishPacket
  bool retained = false;
  bool cut = false;  // the payload's end was left out: it is over the limit
};
class IncomingSink {
 public:
  virtual ~IncomingSink() = default;
  virtual void incoming(const Incoming& incoming) = 0;
};

class LocalSession final : private LocalEvents {
 public:
  LocalSession(const CollectOptions& options, std::string client_id, const Clock& clock,
               IncomingSink& sink);

  // The topic filters to be subscribed from now on. Differences go to the broker at once where a
  // connection is up.
  void set_filters(std::vector<std::string> filters);

  // Connects when it is time, keeps the connection alive, gives up one that is never answered.
  void tend();
  // For poll(2); fd -1 where there is nothing to wait for.
  [[nodiscard]] pollfd wants() const;
  void polled(short events);
  // Milliseconds until tend() has something to do.
  [[nodiscard]] std::int64_t next_ms() const;

  // Reads one packet. False: nothing more is there now.
  bool read_one();
  // So many were read in a row until nothing more was there, or the round was full. Where they are
  // many, the next ones are awaited together: a broker that wakes this process for each of its
  // messages pays a fourth of its time for it.
  void read_in_a_row(std::size_t messages);
  // The owner looks again after kTogetherMs, whatever poll(2) says.
  [[nodiscard]] bool together() const { return connected_ && together_; }
  void look() { readable_ = true; }
  // Everything that was read is on disk: writes the acknowledgements.
  void acknowledge();
  // Retained, QoS 0. False: no connection.
  bool publish(std::string_view topic, std::string_view payload);
  // Tells the broker, gives it `ms_max` to read everything, and closes; the session and what is
  // unacknowledged stay with the broker.
  void disconnect(std::int64_t ms_max);

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] std::uint64_t connects() const { return connects_; }
  [[nodiscard]] bool subscribed() const { return connected_ && answers_due_ == 0; }
  [[nodiscard]] std::uint64_t refused_filters() const { return refused_filters_; }

 private:
  void on_connected(bool session_present) override;
  void on_refused(int reason) override;
  void on_message(const PublishPacket& message) override;
  void on_subscribed(std::string_view reasons) override;

  void connect();
  void lost(const Error& error);
  void subscribe(const std::vector<std::string>& filters);
  void write();

  MqttOptions options_;
  const Clock& clock_;
  IncomingSink& sink_;
  Backoff backoff_;
  std::unique_ptr<LocalConnection> connection_;
  std::vector<std::string> filters_;
  std::int64_t next_attempt_ms_ = 0;
  std::int64_t started_ms_ = 0;
  std::int64_t tended_ms_ = 0;
  std::uint64_t connects_ = 0;
  std::uint64_t refused_filters_ = 0;
  std::size_t answers_due_ = 0;     // SUBACKs
  bool filters_at_broker_ = false;  // since this process started
  bool connected_ = false;
  bool readable_ = false;
  bool together_ = false;
};

}  // namespace sudare
