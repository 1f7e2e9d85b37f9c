// The time by which a broker's certificate is judged, against a real broker.
#include <gtest/gtest.h>
#include <poll.h>

#include "gateway/mqtt/connection.h"
#include "tests/testkit/broker.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

constexpr std::int64_t kMsPerYear = 31'557'600'000;

class Waiting final : public MqttEvents {
 public:
  void on_connected(bool /*session_present*/) override { connected = true; }
  void on_refused(int /*reason*/) override {}
  bool connected = false;
};

class TlsTime : public ::testing::Test {
 protected:
  // Whether a client that believes it is `years` after 1970 connects.
  bool connects(double years) {
    MqttOptions options;
    options.peer.endpoint = {"localhost", broker.port(), true};
    options.peer.ca_file = authority.ca_file();
    options.tls_time_ms = [years] {
      return static_cast<std::int64_t>(years * static_cast<double>(kMsPerYear));
    };
    Waiting events;
    auto connection = MqttConnection::start(options, events);
    for (int i = 0; connection && i < 500 && !events.connected; ++i) {
      pollfd one{(*connection)->fd(), POLLIN, 0};
      if ((*connection)->wants_write()) one.events |= POLLOUT;
      if (poll(&one, 1, 10) < 0) break;
      if (one.revents != 0 && !(*connection)->read()) break;
      if ((one.revents & POLLOUT) != 0 && !(*connection)->write()) break;
    }
    return events.connected;
  }

  testkit::BrokerOptions with_tls() {
    testkit::BrokerOptions options;
    options.tls = testkit::BrokerTls{authority.ca_file(), authority.server(), false};
    return options;
  }

  testkit::TemporaryDirectory directory;
  testkit::CertificateAuthority authority{directory.path() / "ca"};
  testkit::Broker broker{with_tls()};
};

TEST_F(TlsTime, DecidesWhetherACertificateIsValid) {
  EXPECT_TRUE(connects(55)) << "2025";
  EXPECT_FALSE(connects(48)) << "2018: before it begins";
  EXPECT_FALSE(connects(75)) << "2045: after it ends";
}

// Under LeakSanitizer (./dev sanitize asan): a car without network tries for weeks.
TEST_F(TlsTime, AConnectThatFailsBeforeTlsLeaksNothing) {
  Waiting events;
  MqttOptions options;
  options.peer.endpoint = {"name-that-is-not.invalid", 1, true};
  options.peer.ca_file = authority.ca_file();
  options.tls_time_ms = [] { return 55 * kMsPerYear; };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(MqttConnection::start(options, events));
  options.peer.endpoint = {"localhost", broker.port(), true};
  options.peer.ca_file = directory.path() / "ca" / "ca.key";  // not a certificate
  EXPECT_FALSE(MqttConnection::start(options, events));
}

}  // namespace
}  // namespace sudare
