// Traffic through a real Mosquitto by a producer that numbers its messages for the gateway's
// receipts: those up to the last receipt are acknowledged, and none may be kept twice.
#pragma once

#include "tests/faults/power/traffic.h"
#include "tests/faults/rig/car.h"

namespace sudare::faults {

class ReceiptTraffic final : public Traffic {
 public:
  // The gateway, with kReceiptsConfig, has been at the broker before.
  explicit ReceiptTraffic(std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::uint64_t progress() const override { return car_.settled(); }
  [[nodiscard]] std::set<std::uint64_t> acknowledged() const override;
  [[nodiscard]] bool heard_all() const override { return true; }
  [[nodiscard]] bool may_repeat(std::uint64_t /*number*/) const override { return false; }
  bool stop() override { return car_.stop(); }

 private:
  std::uint16_t port_;
  Car car_;
};

}  // namespace sudare::faults
