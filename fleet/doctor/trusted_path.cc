#include "fleet/doctor/trusted_path.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <optional>

#include "gateway/mqtt/hardware_key.h"
#include "gateway/pipeline_policy.h"

namespace sudare::doctor {
namespace {

namespace fs = std::filesystem;

// As the kernel's own bound (path_resolution(7)).
constexpr int kLinksMax = 40;

bool is_own_group(const struct stat& info) {
  if (info.st_gid == 0) return true;
  const passwd* const owner = getpwuid(info.st_uid);
  return owner != nullptr && owner->pw_gid == info.st_gid;
}

class Walk {
 public:
  Walk(const Owners& owners, Check& check) : owners_(owners), check_(check) {
    owners_.insert({0, geteuid()});
  }

  void go(const std::string& file) {
    std::error_code error;
    const fs::path absolute = fs::absolute(file, error);
    if (error) return;
    std::deque<fs::path> rest;
    put_before(rest, absolute.relative_path());
    fs::path at = absolute.root_path();
    judge(at);
    int links = 0;
    while (!rest.empty()) {
      const fs::path name = rest.front();
      rest.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        at = at.parent_path();
        continue;
      }
      const fs::path next = at / name;
      if (!fs::is_symlink(next, error)) {
        at = next;
        if (!judge(at)) return;
        continue;
      }
      const fs::path target = fs::read_symlink(next, error);
      if (error || ++links > kLinksMax) return;
      if (target.is_absolute()) at = target.root_path();
      put_before(rest, target.relative_path());
    }
  }

 private:
  static void put_before(std::deque<fs::path>& rest, const fs::path& path) {
    rest.insert(rest.begin(), path.begin(), path.end());
  }

  // Whether it is there.
  bool judge(const fs::path& place) {
    struct stat info {};
    if (stat(place.c_str(), &info) != 0) return false;
    if (!seen_.insert(place.string()).second) return true;
    const bool directory = S_ISDIR(info.st_mode);
    const std::string what = directory ? "the directory" : "the file";
    if (owners_.count(info.st_uid) == 0) {
      check_.problem("another user owns " + what + ", and may put other things in its place",
                     "chown root", place.string());
    }
    if (directory && (info.st_mode & S_ISVTX) != 0) return true;
    const bool others = (info.st_mode & S_IWOTH) != 0;
    if (others || ((info.st_mode & S_IWGRP) != 0 && !is_own_group(info))) {
      check_.problem("others may write " + what + (directory ? ", and what it holds" : ""),
                     others ? "chmod go-w" : "chmod g-w", place.string());
    }
    return true;
  }

  Owners owners_;
  Check& check_;
  std::set<std::string> seen_;
};

}  // namespace

void check_trusted_paths(const std::vector<std::string>& files, const Owners& owners,
                         Check& check) {
  Walk walk(owners, check);
  for (const std::string& file : files) {
    if (!file.empty()) walk.go(file);
  }
}

void check_trusted_path(const std::string& file, const Owners& owners, Check& check) {
  check_trusted_paths({file}, owners, check);
}

Owners owners_of(const GatewayConfigPlan& plan) {
  struct stat info {};
  if (stat(plan.state_directory.c_str(), &info) != 0) return {};
  return {info.st_uid};
}

std::vector<std::string> trusted_files_of(const GatewayConfigPlan& plan,
                                          const std::string& config_file) {
  std::vector<std::string> files = {config_file, plan.policy_file, plan.state_directory,
                                    PolicyFiles(plan).remembered_path()};
  files.insert(files.end(), plan.descriptor_set_files.begin(), plan.descriptor_set_files.end());
  for (const MqttPeer* peer : {&plan.local.peer, &plan.cloud.peer}) {
    files.insert(files.end(), {peer->ca_file, peer->cert_file, peer->key_pin_file, peer->key_module,
                               peer->password_file});
    if (key_place(peer->key_file) == KeyPlace::kFile) files.push_back(peer->key_file);
  }
  if (plan.clips) files.push_back(plan.clips->program);
  return files;
}

}  // namespace sudare::doctor
