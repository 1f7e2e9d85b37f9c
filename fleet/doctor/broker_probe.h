// Asks a live broker for entry, and what an entry may do, through the same client as the gateway's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "gateway/mqtt/endpoint.h"

namespace sudare::doctor {

// For a connection and all that is asked over it: a mobile network at its edge answers in less.
inline constexpr std::int64_t kProbeMsMax = 5000;
// PUBACK and CONNACK reasons from here on are refusals (MQTT 5, section 2.4).
inline constexpr int kRefusalLeast = 0x80;

enum class Entry : std::uint8_t { kAccepted, kRefused, kFailed };

struct ProbeQuestion {
  MqttPeer peer;
  std::function<std::int64_t()> tls_time_ms;  // as MqttOptions
  std::string subscribe;                      // empty: nothing
  // Topics that an empty message is published to, QoS 1, not retained. At most some.
  std::vector<std::string> publish;
};

struct ProbeAnswer {
  Entry entry = Entry::kFailed;
  int reason = 0;                             // kRefused: the broker's
  std::optional<Error> error;                 // kFailed: why; nothing: no answer in time
  std::vector<std::optional<int>> published;  // reason per topic; nothing: no answer
  bool received = false;                      // something came for the subscription
};

// Blocks for kProbeMsMax at most, beside the look-up of the name (bound_name_lookups()). Leaves no
// session behind: the client id is random and the session ends with the connection.
[[nodiscard]] ProbeAnswer probe(const ProbeQuestion& question);

// Whether the answer proves that who asked is not let in: the broker says that it does not take the
// name, the password or the certificate. Not where it is busy, gone or silent.
[[nodiscard]] bool refuses_stranger(const ProbeAnswer& answer);

// Whether a file of this side's own (password, certificate, key) ended it before the broker was
// asked.
[[nodiscard]] bool not_asked(const ProbeAnswer& answer);
inline constexpr const char* kOwnFileHint =
    "the broker was not asked: mend the file on this side that it names";

// Why there was no entry, for people.
[[nodiscard]] std::string describe(const ProbeAnswer& answer);
// The same of an error of connecting.
[[nodiscard]] std::string describe(const Error& error);

// Gives the resolver two short tries per server. Before the first look-up, one thread.
void bound_name_lookups();

}  // namespace sudare::doctor
