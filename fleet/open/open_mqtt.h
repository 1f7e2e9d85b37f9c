// Receives a purpose's batches from the cloud broker. Each is acknowledged to the broker only after
// `deliver` has returned, so a recipient that stops in between gets it again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

namespace sudare {

struct OpenMqttOptions {
  MqttPeer peer;
  std::string purpose;
  std::string client_id;         // empty: random, and what comes while it is away is missed
  std::int64_t idle_ms_max = 0;  // ends after so long without a batch; 0: never
};

// Called on the caller's thread. A failure ends receiving, without an acknowledgement for the
// group.
struct OpenMqttEvents {
  std::function<void(std::string_view payload)> batch;
  // The batches since the last call are about to be acknowledged: write them out. Also called when
  // idle.
  std::function<Status()> flush;
  std::function<bool()> stop;  // asked at least every 200 ms
  std::function<void(bool)> connected;
};

// Until stop or idle. Reconnects with backoff; kUnavailable where the broker refuses this client
// (detail: its reason code), or what flush returned.
Status open_mqtt(const OpenMqttOptions& options, const OpenMqttEvents& events);

}  // namespace sudare
