// How a client shows itself to a broker, and how it notices that the broker is gone: the same for
// all connections.
#pragma once

#include <string>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

namespace sudare {

// 23 characters, the most that every MQTT 3.1.1 broker must take. Random: a client id must not tell
// one car from another.
[[nodiscard]] std::string random_client_id();

// The first line of the password file; empty without a file. Read at each connect, so that it can
// be replaced while the program runs; the caller wipes it. kIo.
[[nodiscard]] Result<std::string> read_password(const MqttPeer& peer);

// TCP itself finds a peer that is gone: an idle connection is probed after 30 s and given up after
// 3 probes. The MQTT keepalive can't, where nothing may be written or read.
void probe_peer(int socket);

// Without effect at worst: a lost peer is noticed later, or packets are smaller.
void set_socket_option(int socket, int level, int name, int value);

}  // namespace sudare
