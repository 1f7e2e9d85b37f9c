#include "fleet/doctor/trusted_path.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <utility>

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

void put_before(std::deque<fs::path>& rest, const fs::path& path) {
  rest.insert(rest.begin(), path.begin(), path.end());
}

class Judge {
 public:
  Judge(const Owners& owners, Check& check) : owners_(owners), check_(check) {
    owners_.insert({0, geteuid()});
  }

  void judge(const std::string& path) {
    std::error_code error;
    const std::string named = fs::canonical(path, error).string();
    for (const std::string& place : places_to(path)) judge_place(place, place == named);
  }

 private:
  void judge_place(const std::string& place, bool named) {
    struct stat info {};
    if (stat(place.c_str(), &info) != 0) return;
    const bool directory = S_ISDIR(info.st_mode);
    const std::string what = directory ? "the directory" : "the file";
    if (owners_.count(info.st_uid) == 0) {
      problem("another user owns " + what + ", and may put other things in its place", "chown root",
              place);
    }
    if (directory && !named && (info.st_mode & S_ISVTX) != 0) return;
    const bool others = (info.st_mode & S_IWOTH) != 0;
    if (others || ((info.st_mode & S_IWGRP) != 0 && !is_own_group(info))) {
      problem("others may write " + what + (directory ? ", and what it holds" : ""),
              others ? "chmod go-w" : "chmod g-w", place);
    }
  }

  // Each is told once.
  void problem(const std::string& text, const char* hint, const std::string& place) {
    if (told_.insert({place, text}).second) check_.problem(text, hint, place);
  }

  Owners owners_;
  Check& check_;
  std::set<std::pair<std::string, std::string>> told_;
};

}  // namespace

std::vector<std::string> places_to(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return {};
  std::deque<fs::path> rest;
  put_before(rest, absolute.relative_path());
  fs::path at = absolute.root_path();
  std::vector<std::string> places = {at.string()};
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
      if (!fs::exists(at, error)) return places;
      places.push_back(at.string());
      continue;
    }
    const fs::path target = fs::read_symlink(next, error);
    if (error || ++links > kLinksMax) return places;
    if (target.is_absolute()) at = target.root_path();
    put_before(rest, target.relative_path());
  }
  return places;
}

void check_trusted_paths(const std::vector<std::string>& files, const Owners& owners,
                         Check& check) {
  Judge judge(owners, check);
  for (const std::string& file : files) {
    if (!file.empty()) judge.judge(file);
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
