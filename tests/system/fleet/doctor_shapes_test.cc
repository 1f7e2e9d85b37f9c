// What doctor takes a Mosquitto configuration for, against what the installed Mosquitto opens for
// it: which ports, to whom, by which access list, and whether it starts at all. Each runs in a
// network namespace of its own, since the default listener's port is always 1883.
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "crypto/crypto_init.h"
#include "fleet/doctor/broker_probe.h"
#include "fleet/doctor/listening.h"
#include "fleet/doctor/mosquitto_config.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::fleet_test {
namespace {

using doctor::BrokerConfig;
using doctor::BrokerListener;
using testkit::eventually;
namespace fs = std::filesystem;

// "@" stands for the directory, which holds `password`, `acl` and `psk`.
struct Shape {
  const char* name;
  std::string main;
  // In conf.d/, which "include_dir @/conf.d" reads.
  std::vector<std::pair<std::string, std::string>> included = {};
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const std::string kShared = "allow_anonymous true\n";
const std::string kEach = "per_listener_settings true\n";
const std::string kInclude = "include_dir @/conf.d\n";
const std::string kListener = "listener 1884 127.0.0.1\n";

// Nothing but the default listener.
const std::vector<Shape> kDefaultOnly = {
    {"Empty", ""},
    {"LocalOnlyLetsInEverybody", "allow_anonymous false\npassword_file @/password\n"},
    {"LocalOnlyOfEach", kEach + "allow_anonymous false\nacl_file @/acl\n"},
    {"LoneMaxConnections", "max_connections 50\nallow_anonymous false\n"},
    {"LoneMaxConnectionsOfEach", kEach + "max_connections 50\n"},
    {"BindAddress", "bind_address 127.0.0.1\n" + kShared},
    {"BindAddressBelowAListener", kListener + "bind_address 127.0.0.1\n" + kShared},
    {"PortBelowAListener", kListener + "port 1885\n" + kShared},
    {"PortOfEach", kEach + "port 1885\n"},
};

// What stands before the first listener.
const std::vector<Shape> kBefore = {
    {"MaxConnectionsBefore", "max_connections 50\n" + kShared + kListener},
    {"NoMaxConnectionsBefore", "max_connections -1\n" + kShared + kListener},
    {"MaxConnectionsTakenBack", "max_connections 5\nmax_connections -1\n" + kListener},
    {"MaxTopicAliasBefore", "max_topic_alias 10\n" + kShared + kListener},
    {"TlsVersionBefore", "tls_version tlsv1.3\n" + kShared + kListener},
    {"CafileBefore", "cafile @/ca.crt\n" + kShared + kListener},
    {"QosBefore", "max_qos 2\n" + kListener},
    {"LessQosBefore", "maximum_qos 1\n" + kListener},
    {"ProtocolBefore", "protocol mqtt\n" + kListener},
    {"NoCertificateBefore", "require_certificate false\n" + kListener},
    {"ACertificateBefore", "require_certificate true\n" + kListener},
    {"IdentityBefore", "use_identity_as_username 1\n" + kListener},
    {"MountPointBefore", "mount_point a/\n" + kListener},
    {"MountPointInAnInclude", kListener + kInclude, {{"a.conf", "mount_point a/\n"}}},
    {"SocketDomainBefore", "socket_domain ipv4\n" + kListener},
    {"InterfaceBefore", "bind_interface lo\n" + kListener},
};

// The same of what lets in, with per_listener_settings and without.
const std::vector<Shape> kLetsInBefore = {
    {"PasswordFileBefore", "password_file @/password\n" + kListener},
    {"PasswordFileOfEachBefore",
     kEach + "allow_anonymous true\npassword_file @/password\n" + kListener},
    {"PasswordFileAndAclOfEachBefore",
     kEach + "password_file @/password\nacl_file @/acl\n" + kListener},
    {"PskFileOfEachBefore", kEach + "psk_file @/psk\n" + kListener},
    {"ClientIdOfEachBefore", kEach + "allow_zero_length_clientid false\n" + kListener},
    {"AnyClientIdOfEachBefore", kEach + "allow_zero_length_clientid true\n" + kListener},
    {"AclOfEachBefore", kEach + "allow_anonymous true\nacl_file @/acl\n" + kListener},
    {"AnonymousOfEachBefore", kEach + "allow_anonymous true\n" + kListener},
    {"PrefixOfEachBefore", kEach + "auto_id_prefix a\n" + kListener},
    {"OfEachUnlessTakenBack",
     kEach + kListener + "allow_anonymous true\nper_listener_settings false\n"},
    {"OfEachAndOpenByItsPasswords", kEach + "password_file @/password\n" + kListener +
                                        "allow_anonymous true\nper_listener_settings false\n"},
};

// Included files.
const std::vector<Shape> kIncludes = {
    {"AfterAnInclude", kInclude + "max_connections 50\n", {{"a.conf", kShared + kListener}}},
    {"InAnInclude", kListener + kInclude, {{"a.conf", "max_connections 50\n" + kShared}}},
    {"InTheSecondInclude",
     kInclude,
     {{"10.conf", kListener + kShared}, {"20.conf", "max_connections 200\n"}}},
    {"OnAfterAnInclude", kListener + kInclude + "max_connections 50\n", {{"a.conf", kShared}}},
    {"AclInAnotherFile",
     kInclude,
     {{"10.conf", kEach + kListener + "allow_anonymous true\n"}, {"20.conf", "acl_file @/acl\n"}}},
    {"AclInTheSameFile",
     kInclude,
     {{"10.conf", kEach + kListener + "allow_anonymous true\nacl_file @/acl\n"}}},
    {"AclOfAll", kShared + kInclude, {{"10.conf", kListener}, {"20.conf", "acl_file @/acl\n"}}},
    {"IncludesInTheirOrder",
     kInclude,
     {{"b.conf", kEach}, {"C.conf", kListener + "allow_anonymous true\n"}}},
    {"IncludesOfAnInclude", kInclude + kListener, {{"a.conf", "include_dir @/none\n"}}},
    {"NoSuchInclude", "include_dir @/none\n" + kListener},
};

// Values.
const std::vector<Shape> kValues = {
    {"FalseInCapitals", "allow_anonymous False\n" + kListener},
    {"TrueInCapitals", "set_tcp_nodelay True\n" + kListener},
    {"No", "persistence no\n" + kListener},
    {"AWordAfterFalse", "allow_anonymous false # never\n" + kListener},
    {"ATabAfterFalse", "allow_anonymous false\t\n" + kListener},
    {"ATabAfterAPath", "password_file @/password\t\n" + kListener},
    {"AReturnAfterFalse", "allow_anonymous false\r\n" + kListener},
    {"ANumberAndAWord", "max_queued_messages 5 # five\n" + kListener},
    {"ACommentForAnAddress", "listener 1884 #127.0.0.1\n" + kShared},
    {"AnAddressAndAWord", "listener 1884 127.0.0.1 only\n" + kShared},
    {"AListenerOfAnInterface", "listener 1884\nbind_interface lo\n" + kShared},
    {"AProtocolOfNobody", kListener + "protocol amqp\n"},
};

// Order and number.
const std::vector<Shape> kOrder = {
    {"SettingsOfEachTooLate", "allow_anonymous true\n" + kEach + kListener},
    {"SettingsOfEachTwice", kEach + "allow_anonymous true\n" + kEach + kListener},
    {"TwoPasswordFiles", "password_file @/password\n" + kListener + "password_file @/password\n"},
    {"APasswordFileForEach", kEach + kListener + "password_file @/password\n" +
                                 "listener 1885 127.0.0.1\npassword_file @/password\n"},
    {"TwoUsers", "user root\n" + kListener},
    {"BridgeElsewhere",
     "connection a\naddress 127.0.0.1:9\ntopic a out\n" + kInclude + kListener,
     {{"a.conf", "notifications false\n"}}},
    {"PluginOptionOfNone", "plugin_opt_a b\n" + kListener},
};

// Names.
const std::vector<Shape> kNames = {
    {"OldNames", "retained_persistence false\nretry_interval 5\n" + kListener},
    {"NewNames", "global_plugin /x.so\n" + kListener},
    {"AnUnknownName", "listner 1884\n" + kListener},
};

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const auto* some :
       {&kDefaultOnly, &kBefore, &kLetsInBefore, &kIncludes, &kValues, &kOrder, &kNames}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

class Shapes : public testing::TestWithParam<Shape> {
 protected:
  // Everything that is asked happens in the namespace of this thread, which ends with the test.
  static void in_own_namespace(const std::function<void()>& work) {
    std::string refused;
    std::thread([&] {
      if (unshare(CLONE_NEWNET) != 0) {
        refused = "no right to network namespaces";
        return;
      }
      const int socket_of = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      ifreq request{};
      std::strcpy(request.ifr_name, "lo");
      request.ifr_flags = IFF_UP;
      if (ioctl(socket_of, SIOCSIFFLAGS, &request) != 0) refused = "no loopback interface";
      close(socket_of);
      if (refused.empty()) work();
    }).join();
    if (!refused.empty()) GTEST_SKIP() << "not run: " << refused;
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  void write(const std::string& name, std::string text) const {
    for (std::size_t at = 0; (at = text.find('@', at)) != std::string::npos;) {
      text.replace(at, 1, directory_.path().string());
    }
    std::ofstream(path(name)) << text;
  }

  void write_shape(const Shape& shape) const {
    fs::create_directory(path("conf.d"));
    write("mosquitto.conf", "user root\n" + shape.main);
    for (const auto& [name, text] : shape.included) write("conf.d/" + name, text);
    write("acl", "user nobody\ntopic read nothing\n");
    write("password", "");
    write("psk", "");
    ASSERT_EQ(testkit::run({"mosquitto_passwd", "-b", path("password"), "a", "b"}).status, 0);
  }

  // Whether it runs.
  bool start() {
    testkit::ProcessOptions options;
    options.errors = path("log");
    broker_ = std::make_unique<testkit::Process>(
        std::vector<std::string>{"mosquitto", "-c", path("mosquitto.conf")}, options);
    const auto runs = [&] { return broker_->errors().find(" running\n") != std::string::npos; };
    eventually([&] { return runs() || !broker_->running(); });
    return runs();
  }

  // "1883 to others", "1884 here"
  using Ports = std::set<std::string>;
  static std::string port_text(std::uint16_t port, bool here) {
    return std::to_string(port) + (here ? " here" : " to others");
  }
  [[nodiscard]] Ports opened() const {
    Ports ports;
    for (const char* table : {"/net/tcp", "/net/tcp6"}) {
      const std::string file = "/proc/" + std::to_string(broker_->pid()) + table;
      for (const auto& one : doctor::parse_listening(testkit::read_file(file))) {
        ports.insert(port_text(one.port, one.loopback));
      }
    }
    return ports;
  }
  static Ports said(const BrokerConfig& config) {
    Ports ports;
    for (const BrokerListener& one : config.listeners) {
      ports.insert(port_text(one.port, doctor::is_of_this_machine(one)));
    }
    return ports;
  }

  // Who has no name, and what it may do then.
  static void ask(const BrokerListener& listener) {
    doctor::ProbeQuestion question;
    question.peer.endpoint = {"127.0.0.1", listener.port, false};
    question.publish = {"anything"};
    const doctor::ProbeAnswer answer = probe(question);
    EXPECT_EQ(answer.entry == doctor::Entry::kAccepted, listener.anonymous)
        << listener.place.text() << ": " << describe(answer);
    if (answer.entry != doctor::Entry::kAccepted) return;
    ASSERT_TRUE(answer.published.at(0));
    EXPECT_EQ(*answer.published[0] < doctor::kRefusalLeast, listener.security.acl_file.empty())
        << listener.place.text();
  }

  testkit::TemporaryDirectory directory_;
  std::unique_ptr<testkit::Process> broker_;
};

TEST_P(Shapes, AreWhatMosquittoOpens) {
  ASSERT_TRUE(crypto_init());
  write_shape(GetParam());
  const BrokerConfig config = doctor::read_broker_config(path("mosquitto.conf"));
  in_own_namespace([&] {
    const bool runs = start();
    EXPECT_EQ(runs, config.complaints.empty()) << broker_->errors();
    if (runs) {
      EXPECT_EQ(opened(), said(config));
      for (const BrokerListener& one : config.listeners) {
        if (one.address != "::1") ask(one);
      }
    }
    broker_.reset();
  });
}

INSTANTIATE_TEST_SUITE_P(Mosquitto, Shapes, testing::ValuesIn(shapes()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace sudare::fleet_test
