// The gateway's configuration as it is used: read and checked by load_config.h, defaults filled in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "gateway/mqtt/endpoint.h"
#include "gateway/receipts/receipts.h"

namespace sudare {

struct LocalPlan {
  MqttPeer peer;
  std::string client_id;
  std::uint32_t session_expiry_seconds = 0;
};

struct CloudPlan {
  MqttPeer peer;
  std::uint16_t keepalive_seconds = 0;
  std::uint32_t outstanding_max = 0;
  std::uint32_t backoff_ms_max = 0;
  std::string policy_topic;
};

struct StatusPlan {
  bool on = false;
  std::string host;
  std::uint16_t port = 0;  // 0: any free one, which the log names
};

// The drive recorder's spool directory.
struct ClipsPlan {
  std::string directory;
  std::string program;  // sudare-clip
  std::int64_t event_wait_seconds = 0;
};

// Paths are as written, or below the configuration file's directory where they were relative.
struct GatewayConfigPlan {
  std::string state_directory;
  std::string policy_file;
  std::string ceiling_file;  // may be empty
  std::vector<std::string> descriptor_set_files;
  std::string consent_topic;
  std::string network_topic;
  std::string receipt_topic;
  std::vector<ReceiptProducer> receipts;
  std::optional<ClipsPlan> clips;  // none: no clip is taken
  LocalPlan local;
  CloudPlan cloud;
  std::uint32_t commit_interval_ms = 0;
  std::uint32_t commit_messages_max = 0;
  std::uint64_t quota_bytes = 0;
  std::uint64_t essential_reserve_bytes = 0;
  StatusPlan status;
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
};

}  // namespace sudare
