#include "sim/demo/workplace.h"

#include <google/protobuf/text_format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "sim/process/child.h"
#include "sim/process/local.h"
#include "sudare/v1/policy.pb.h"

namespace sudare::sim {

namespace fs = std::filesystem;

Parsed<std::string> hasten_policy(const std::string& file, const std::string& text,
                                  std::uint32_t ms) {
  sudare::v1::Policy policy;
  if (!google::protobuf::TextFormat::ParseFromString(text, &policy)) {
    return input_error(file, 0, "is no policy", "sudare policy check says where");
  }
  for (auto& purpose : *policy.mutable_purpose()) {
    purpose.set_linger_ms(std::min(purpose.linger_ms(), ms));
    auto& ceiling = *purpose.mutable_ceiling();
    ceiling.set_time_bucket_ms(std::min(ceiling.time_bucket_ms(), ms));
    // Nobody tells the demonstration what its network costs.
    if (purpose.has_clips()) purpose.mutable_clips()->set_unmetered_only(false);
  }
  for (auto& source : *policy.mutable_source()) {
    for (auto& release : *source.mutable_release()) {
      if (!release.has_time()) continue;
      release.mutable_time()->set_bucket_ms(std::min(release.time().bucket_ms(), ms));
    }
  }
  std::string hastened;
  google::protobuf::TextFormat::PrintToString(policy, &hastened);
  return hastened;
}

Parsed<Workplace> Workplace::make(const Tools& tools, const CarIdentity& car,
                                  std::uint32_t hastened_ms, bool keep) {
  Workplace place;
  std::string shape = fs::temp_directory_path() / "sudare-demo-XXXXXX";
  if (mkdtemp(shape.data()) == nullptr) return input_error(shape, 0, std::strerror(errno));
  place.path_ = shape;
  place.keep_ = keep;
  place.hastened_ms_ = hastened_ms;
  if (auto filled = place.fill(tools, car); !filled) {
    return tl::unexpected<InputError>(filled.error());
  }
  return place;
}

Workplace::~Workplace() {
  if (keep_ || path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Parsed<Done> Workplace::fill(const Tools& tools, const CarIdentity& car) {
  for (std::uint16_t* port : {&local_port_, &cloud_port_, &status_port_}) {
    auto found = free_port();
    if (!found) return tl::unexpected<InputError>(found.error());
    *port = *found;
  }
  for (const char* directory :
       {"vehicle-broker", "cloud-broker", "keys", "opened", "recorder", "state", "state-copies"}) {
    std::error_code error;
    fs::create_directory(in(directory), error);
    fs::permissions(in(directory), fs::perms::owner_all, error);
    if (error) return input_error(in(directory), 0, error.message());
  }
  if (auto step = write_policy(tools); !step) return step;
  if (auto step = make_certificates(); !step) return step;
  if (auto step = write_broker_files(tools); !step) return step;
  if (auto step = write_gateway_config(tools); !step) return step;
  return provision(tools, car);
}

Parsed<std::string> Workplace::make_key(const Tools& tools, const std::string& name) {
  const std::string file = in("keys") / (name + ".key");
  auto made =
      run_tool({tools.sudare(), "key", "new", "-o", file, "--purpose", name}, in("tool.log"));
  if (!made) return made;
  auto shown = run_tool({tools.sudare(), "key", "public", file}, in("tool.log"));
  if (!shown) return shown;
  const std::size_t begin = shown->find("age1");
  if (begin == std::string::npos) return input_error({}, 0, "sudare key public shows no key");
  return shown->substr(
      begin, shown->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", begin) - begin);
}

// The default policy, with a fresh key for each purpose.
Parsed<Done> Workplace::write_policy(const Tools& tools) {
  const fs::path file = tools.deploy / "policies/default.textproto";
  auto text = policy_with_recipients(file, [&](const std::string& purpose) {
    purposes_.push_back(purpose);
    return make_key(tools, purpose);
  });
  if (!text) return tl::unexpected<InputError>(text.error());
  auto hastened = hasten_policy(file, *text, hastened_ms_);
  if (!hastened) return tl::unexpected<InputError>(hastened.error());
  return write_text(in("policy.textproto"), *hastened);
}

Parsed<Done> Workplace::make_certificate(const std::string& role) {
  const fs::path at = in("cloud-broker");
  const std::string request = at / (role + ".csr");
  auto made =
      run_tool({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-subj", "/CN=" + role, "-keyout", at / (role + ".key"), "-out", request},
               in("tool.log"));
  if (!made) return tl::unexpected<InputError>(made.error());
  made = run_tool({"openssl", "x509", "-req", "-in", request, "-CA", at / "ca.crt", "-CAkey",
                   at / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", at / "extensions",
                   "-out", at / (role + ".crt")},
                  in("tool.log"));
  if (!made) return tl::unexpected<InputError>(made.error());
  return Done{};
}

Parsed<Done> Workplace::make_certificates() {
  const fs::path at = in("cloud-broker");
  auto made = run_tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=sudare-demo", "-keyout", at / "ca.key", "-out", at / "ca.crt"},
                       in("tool.log"));
  if (!made) return tl::unexpected<InputError>(made.error());
  if (auto written = write_text(at / "extensions", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
      !written) {
    return written;
  }
  std::vector<std::string> roles = {"broker", "unit", "auditor"};
  for (const std::string& purpose : purposes_) roles.push_back("recipient-" + purpose);
  for (const std::string& role : roles) {
    if (auto step = make_certificate(role); !step) return step;
  }
  return Done{};
}

Parsed<Done> Workplace::write_broker_files(const Tools& tools) {
  const struct {
    const char* from;
    const char* directory;
    const char* to;
    std::uint16_t port;
  } files[] = {{"vehicle.conf.in", "vehicle-broker", "broker.conf", local_port_},
               {"cloud.conf.in", "cloud-broker", "broker.conf", cloud_port_},
               {"cloud.acl.in", "cloud-broker", "acl", cloud_port_}};
  for (const auto& file : files) {
    auto text = read_whole_file(tools.deploy / "mosquitto" / file.from, kOperatorFileBytesMax);
    if (!text) return tl::unexpected<InputError>(text.error());
    replace_all(*text, "@PORT@", std::to_string(file.port));
    replace_all(*text, "@DIRECTORY@", in(file.directory));
    // A broker that root starts would become another user, who can't read this directory.
    if (geteuid() == 0 && std::strstr(file.from, ".conf") != nullptr) *text += "\nuser root\n";
    if (auto written = write_text(in(file.directory) / file.to, *text); !written) return written;
  }
  return Done{};
}

Parsed<Done> Workplace::write_gateway_config(const Tools& tools) {
  const std::string cloud = in("cloud-broker");
  return write_text(in("gateway.textproto"),
                    "state_directory: \"" + in("state").string() + "\"\npolicy_file: \"" +
                        in("policy.textproto").string() +
                        "\"\nlocal { url: \"mqtt://127.0.0.1:" + std::to_string(local_port_) +
                        "\" }\ncloud {\n  url: \"mqtts://127.0.0.1:" + std::to_string(cloud_port_) +
                        "\"\n  tls { ca_file: \"" + cloud + "/ca.crt\" cert_file: \"" + cloud +
                        "/unit.crt\" key_file: \"" + cloud +
                        "/unit.key\" }\n}\nstatus { listen: \"127.0.0.1:" +
                        std::to_string(status_port_) + "\" }\nclips { directory: \"" +
                        in("recorder").string() + "\" program: \"" + tools.clip() + "\" }\n");
}

Parsed<Done> Workplace::provision(const Tools& tools, const CarIdentity& car) {
  auto authority = make_key(tools, "relink");
  if (!authority) return tl::unexpected<InputError>(authority.error());
  const nlohmann::json identity = {{"vin", car.vin},
                                   {"frame_number", car.frame_number},
                                   {"terminal_number", car.navigation_terminal}};
  const fs::path file = in("keys") / "identity.json";
  if (auto written = write_text(file, identity.dump()); !written) return written;
  auto done = run_tool({tools.sudare(), "provision", "--state", in("state"), "--identity", file,
                        "--relink-recipient", *authority, "-o", in("keys") / "relink.age"},
                       in("tool.log"));
  std::error_code ignored;
  fs::remove(file, ignored);
  if (!done) return tl::unexpected<InputError>(done.error());
  return Done{};
}

MqttPeer Workplace::local_broker() const {
  MqttPeer peer;
  peer.endpoint = {"127.0.0.1", local_port_, false};
  return peer;
}

MqttPeer Workplace::cloud_broker(const std::string& role) const {
  MqttPeer peer;
  peer.endpoint = {"127.0.0.1", cloud_port_, true};
  peer.ca_file = in("cloud-broker") / "ca.crt";
  peer.cert_file = in("cloud-broker") / (role + ".crt");
  peer.key_file = in("cloud-broker") / (role + ".key");
  return peer;
}

std::vector<std::string> Workplace::cloud_options(const std::string& role) const {
  const MqttPeer peer = cloud_broker(role);
  return {"--mqtt", "mqtts://127.0.0.1:" + std::to_string(cloud_port_),
          "--ca",   peer.ca_file,
          "--cert", peer.cert_file,
          "--key",  peer.key_file};
}

}  // namespace sudare::sim
