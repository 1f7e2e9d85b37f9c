// A unit on the bench: an in-vehicle broker, a cloud broker, a provisioned state directory, keys, a
// policy and a configuration, and the real sudare-gateway between them. The vocabulary of the
// system tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/open/identity.h"
#include "gateway/account.h"
#include "sudare/v1/batch.pb.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/mqtt_client.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::testkit {

// "seq": JSON {"seq": N} on test/json and Protobuf positions on vehicle/position, consent OPT_OUT.
// "asked": JSON on test/asked, consent OPT_IN. "emergency": essential, urgent JSON on test/urgent.
// With `clips`: "clips", consent OPT_OUT, of the owner: clips from spool() that events on test/clip
// name.
struct UnitOptions {
  bool cloud_tls = false;
  bool mqtt_311 = false;
  bool local_persistence = false;
  // The cloud broker keeps what came for the recipient while it restarts.
  bool cloud_persistence = false;
  std::uint32_t linger_ms = 200;
  std::string not_after = "2099-12-31";
  // How positions are released to "seq", which then is bounded by a cell and a time bucket; empty:
  // speed and satellites at exact times.
  std::string position_release;
  std::string clips;         // what stands in "clips"' clips { }; empty: no such purpose
  std::string extra_config;  // text format, appended
  std::string cloud_config;  // text format, within cloud { }
  std::string cloud_key;     // text format, within its tls { }: in place of the key's file
  std::string local_extra;   // mosquitto configuration of the in-vehicle broker
  std::string cloud_extra;   // the same of the cloud broker
  std::string cloud_address = "127.0.0.1";
  // What the gateway's clock says when it starts, "@2100-01-01 00:00:00", or by how much it is
  // off, "+90s".
  std::string clock;
  std::vector<std::pair<std::string, std::string>> environment;  // of the gateway, added
  // Where something else than Mosquitto listens as the cloud broker, which speaks MQTT 3.1.1. Then
  // there is no cloud(), and the recipient's session outlives its connection.
  std::uint16_t cloud_port = 0;
};

class Unit {
 public:
  explicit Unit(UnitOptions options = {});

  // Paths, for tests that change a file.
  [[nodiscard]] std::filesystem::path directory() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path state() const { return state_; }
  [[nodiscard]] std::filesystem::path policy_file() const {
    return directory() / "policy.textproto";
  }
  [[nodiscard]] std::filesystem::path config_file() const {
    return directory() / "gateway.textproto";
  }
  [[nodiscard]] std::filesystem::path spool() const { return directory() / "spool"; }
  void set_state(std::filesystem::path state) { state_ = std::move(state); }
  void set_cloud_ca(std::filesystem::path ca) { cloud_ca_ = std::move(ca); }
  // Where the gateway finds its brokers, from the next write_config() on; empty: where they are.
  void set_cloud_url(std::string url) { cloud_url_ = std::move(url); }
  void set_local_url(std::string url) { local_url_ = std::move(url); }
  void write_config() const;
  void write_policy(const std::string& not_after) const;
  [[nodiscard]] std::string policy_text(const std::string& not_after) const;
  void provision() const;

  Broker& local() { return *local_; }
  Broker& cloud() { return *cloud_; }
  CertificateAuthority& authority() { return *authority_; }
  // A recipient's private key, for Debian's age. Outside directory(): it is not on the unit.
  void write_key_file(const std::string& purpose, const std::filesystem::path& path) const;
  // Another cloud broker on the same port: with another certificate.
  void replace_cloud(const BrokerTls& tls);

  void set_clock(std::string text) { options_.clock = std::move(text); }
  // Starts the gateway and, with `wait_ready`, waits until its subscriptions are in place.
  void start(bool wait_ready = true);
  // Another program in the gateway's place, with the same arguments.
  void use_program(const std::filesystem::path& path) { command_ = {path}; }
  // The same, started by a command: {"strace", …, program("sudare-gateway")}. It must become the
  // gateway: kill() and stop() are for the process that is started.
  void use_command(std::vector<std::string> command) { command_ = std::move(command); }
  Process& gateway() { return *gateway_; }
  [[nodiscard]] std::string log() const;
  // SIGTERM; the exit status, and how long it took.
  struct Stopped {
    std::optional<int> status;
    std::chrono::milliseconds took{};
  };
  Stopped stop();
  void kill() { gateway_->kill(); }

  // The cloud's side: everything that came, opened.
  MqttClient& recipient();  // subscribed to sudare/1/#, from its first use on
  struct Opened {
    std::vector<v1::Batch> batches;                // without duplicates (batch id)
    std::set<std::uint64_t> numbers;               // "seq" of all JSON records
    std::map<std::string, std::uint64_t> records;  // by purpose
    std::size_t failures = 0;                      // that did not open or verify
  };
  Opened opened(std::size_t skip = 0);
  // The same of what another client has received.
  [[nodiscard]] Opened open_all(const std::vector<MqttMessage>& messages,
                                std::size_t skip = 0) const;
  // Until `numbers` records' worth of distinct "seq" have come.
  // What the cloud broker sent to a recipient; nothing where it does not open or verify. Any
  // thread.
  [[nodiscard]] std::optional<v1::Batch> opened(const MqttMessage& message) const;
  bool wait_for_numbers(std::size_t count,
                        std::chrono::milliseconds longest = std::chrono::seconds(20));

  // The account as it is on disk. The gateway must not run.
  [[nodiscard]] Account account() const;
  // HTTP GET from the status page.
  struct Page {
    int status = 0;
    std::string body;
  };
  [[nodiscard]] Page get(const std::string& path) const;

  static std::string number_payload(std::uint64_t number) {
    return "{\"seq\": " + std::to_string(number) + "}";
  }
  static std::string position_payload(std::uint64_t number);
  // On test/clip: an impact two seconds into the file.
  static std::string clip_payload(const std::string& file) {
    return R"({"file": ")" + file + R"(", "at_ms": 2000, "why": "IMPACT"})";
  }

 private:
  UnitOptions options_;
  TemporaryDirectory directory_;
  std::filesystem::path state_;
  std::filesystem::path cloud_ca_;
  [[nodiscard]] std::string cloud_url() const;

  std::string cloud_url_;
  std::string local_url_;
  std::unique_ptr<CertificateAuthority> authority_;
  std::unique_ptr<Broker> local_;
  std::unique_ptr<Broker> cloud_;
  std::uint16_t status_port_ = 0;
  std::map<std::string, age::open_side::Identity> identities_;
  std::unique_ptr<Process> gateway_;
  std::vector<std::string> command_;
  int starts_ = 0;
  std::unique_ptr<MqttClient> recipient_;
};

}  // namespace sudare::testkit
