// Everything that the demonstration makes on the spot: a directory of its own, free ports,
// certificates, keys, a policy with these keys, configurations. Nothing is left when it ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/mqtt/endpoint.h"
#include "sim/car/identity.h"
#include "sim/error.h"

namespace sudare::sim {

struct Tools {
  std::filesystem::path programs;  // holds sudare, sudare-gateway and sudare-clip
  std::filesystem::path deploy;    // mosquitto/*.in, policies/default.textproto
  [[nodiscard]] std::string sudare() const { return programs / "sudare"; }
  [[nodiscard]] std::string gateway() const { return programs / "sudare-gateway"; }
  [[nodiscard]] std::string clip() const { return programs / "sudare-clip"; }
};

// Owns the directory and removes it, unless `keep` is set.
class Workplace {
 public:
  // `hastened_ms`: hasten_policy().
  static Parsed<Workplace> make(const Tools& tools, const CarIdentity& car,
                                std::uint32_t hastened_ms, bool keep);
  ~Workplace();
  Workplace(Workplace&& other) noexcept = default;
  Workplace& operator=(Workplace&&) = delete;
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path in(const std::string& name) const { return path_ / name; }
  [[nodiscard]] MqttPeer local_broker() const;
  // As the role that a certificate names: "unit", "auditor", "recipient-traffic".
  [[nodiscard]] MqttPeer cloud_broker(const std::string& role) const;
  [[nodiscard]] std::uint16_t status_port() const { return status_port_; }
  [[nodiscard]] const std::vector<std::string>& purposes() const { return purposes_; }
  // The options of `sudare` that name the cloud broker for a role.
  [[nodiscard]] std::vector<std::string> cloud_options(const std::string& role) const;

 private:
  Workplace() = default;
  Parsed<Done> fill(const Tools& tools, const CarIdentity& car);
  Parsed<Done> make_certificates();
  Parsed<Done> make_certificate(const std::string& role);
  Parsed<Done> write_broker_files(const Tools& tools);
  Parsed<Done> write_policy(const Tools& tools);
  Parsed<Done> write_gateway_config(const Tools& tools);
  Parsed<Done> provision(const Tools& tools, const CarIdentity& car);
  Parsed<std::string> make_key(const Tools& tools, const std::string& name);

  std::filesystem::path path_;
  bool keep_ = false;
  std::uint32_t hastened_ms_ = 0;
  std::uint16_t local_port_ = 0;
  std::uint16_t cloud_port_ = 0;
  std::uint16_t status_port_ = 0;
  std::vector<std::string> purposes_;
};

// The policy of deploy/ as a demonstration can wait for it: time buckets and lingers that are
// longer than `ms` become `ms`. Cells, fields and recipients stay as they are.
[[nodiscard]] Parsed<std::string> hasten_policy(const std::string& file, const std::string& text,
                                                std::uint32_t ms);

}  // namespace sudare::sim
