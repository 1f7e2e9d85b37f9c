#include "gateway/sandbox/paths.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "gateway/mqtt/hardware_key.h"

namespace sudare {
namespace {

using std::filesystem::path;

constexpr std::uint16_t kDnsPort = 53;
// What the C library reads to resolve a name.
constexpr std::array kResolverFiles = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                                       "/etc/host.conf", "/etc/gai.conf"};

bool is_name(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return inet_pton(AF_INET, host.c_str(), parsed.data()) != 1 &&
         inet_pton(AF_INET6, host.c_str(), parsed.data()) != 1;
}

bool resolves_names(const GatewayConfigPlan& plan) {
  return is_name(plan.local.peer.endpoint.host) || is_name(plan.cloud.peer.endpoint.host);
}

std::vector<std::string> read_files(const GatewayConfigPlan& plan) {
  std::vector<std::string> files = plan.descriptor_set_files;
  files.push_back(plan.policy_file);
  files.push_back(plan.ceiling_file);
  for (const MqttPeer* peer : {&plan.local.peer, &plan.cloud.peer}) {
    for (const std::string* file :
         {&peer->password_file, &peer->ca_file, &peer->cert_file, &peer->key_pin_file}) {
      files.push_back(*file);
    }
    if (key_place(peer->key_file) == KeyPlace::kFile) files.push_back(peer->key_file);
  }
  if (resolves_names(plan)) files.insert(files.end(), kResolverFiles.begin(), kResolverFiles.end());
  std::erase(files, std::string());
  return files;
}

// A token's files, sockets and devices: what a chip's library opens is its own affair, and it may
// write there.
std::set<std::string> key_store_paths(const GatewayConfigPlan& plan) {
  std::set<std::string> paths;
  for (const MqttPeer* peer : {&plan.local.peer, &plan.cloud.peer}) {
    paths.insert(peer->key_store_paths.begin(), peer->key_store_paths.end());
  }
  return paths;
}

// The file as it is named, and as it is when every link is followed.
std::set<path> places_of(const std::string& file) {
  std::error_code ignored;
  const path named = std::filesystem::absolute(file, ignored).lexically_normal();
  const path followed = std::filesystem::weakly_canonical(named, ignored);
  return followed.empty() ? std::set<path>{named} : std::set<path>{named, followed};
}

// "/" and "/etc", but not "/etc/sudare".
bool is_at_the_top(const path& directory) { return directory.parent_path() == "/"; }

std::set<path> read_rules(const GatewayConfigPlan& plan) {
  std::set<path> rules;
  for (const std::string& file : read_files(plan)) {
    for (const path& place : places_of(file)) {
      rules.insert(is_at_the_top(place.parent_path()) ? place : place.parent_path());
    }
  }
  return rules;
}

// What is not there has no rule; Reach sees it come.
Status allow(Landlock& landlock, const path& place, LandlockUse use) {
  const Status allowed = landlock.allow(place.string(), use);
  if (!allowed && allowed.error().code != ErrorCode::kNotFound) return allowed;
  return Done{};
}

}  // namespace

Result<LandlockVersion> forbid_other_paths(const GatewayConfigPlan& plan) {
  TRY(Landlock landlock, Landlock::create());
  if (plan.clips) landlock.allow_signals();  // sudare-clip's processes are killed where they hang
  for (const path& rule : read_rules(plan)) {
    TRY(allow(landlock, rule, LandlockUse::kReadFiles));
  }
  TRY(allow(landlock, plan.state_directory, LandlockUse::kWriteFiles));
  for (const std::string& path : key_store_paths(plan)) {
    TRY(allow(landlock, path, LandlockUse::kWriteFiles));
  }
  if (plan.clips) {
    TRY(allow(landlock, plan.clips->directory, LandlockUse::kTakeFiles));
  }
#if defined(SUDARE_SANITIZED)
  // A sanitizer looks for its threads and mappings, and writes what it finds where
  // scripts/sanitize.sh says.
  TRY(allow(landlock, "/proc", LandlockUse::kReadTree));
  if (const char* const reports = std::getenv("SUDARE_SANITIZER_REPORTS")) {
    TRY(allow(landlock, reports, LandlockUse::kWriteFiles));
  }
#endif
  TRY(landlock.allow_connect(plan.local.peer.endpoint.port));
  TRY(landlock.allow_connect(plan.cloud.peer.endpoint.port));
  if (resolves_names(plan)) {
    TRY(landlock.allow_connect(kDnsPort));
  }
  return landlock.enforce();
}

std::vector<std::string> reopened_paths(const GatewayConfigPlan& plan) {
  std::vector<std::string> paths = read_files(plan);
  if (plan.clips) paths.push_back(plan.clips->directory);
  return paths;
}

// --- Reach

Reach::Reach(const GatewayConfigPlan& plan) {
  for (const std::string& path : reopened_paths(plan)) known_[path] = identity_of(path);
}

std::optional<Reach::Identity> Reach::identity_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return Identity{info.st_dev, info.st_ino};
}

bool Reach::lost() {
  for (auto& [path, known] : known_) {
    const std::optional<Identity> now = identity_of(path);
    if (!now || now == known) continue;
    const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && errno == EACCES) return true;
    if (file >= 0) close(file);
    known = now;
  }
  return false;
}

}  // namespace sudare
