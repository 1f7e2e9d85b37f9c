// Whether what the configuration points at can be used.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gateway/config/config_reader.h"
#include "gateway/config/load_config.h"
#include "gateway/mqtt/hardware_key.h"

namespace sudare {
namespace {

// Systemd's place for what it hands to a service that runs.
constexpr const char* kCredentials = "/run/credentials/";

const char* open_hint(const std::string& file, int error) {
  if (error == EACCES) return "let the user that the gateway runs as read it";
  if (file.starts_with(kCredentials)) {
    return "systemd puts it there while the service runs: LoadCredential= in its unit";
  }
  return "put it there, or correct its path in the configuration";
}

class Checks {
 public:
  explicit Checks(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void error(const std::string& file, std::string text, std::string hint) {
    diagnostics_.emplace_back(ConfigReader::key(), DiagnosticSeverity::kError, file, 0, 0,
                              std::move(text), std::move(hint));
  }

  // May be empty: then it is not used.
  void readable(const std::string& file, const char* what) {
    if (file.empty()) return;
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      const int reason = errno;
      return error(file, std::string(what) + ": " + std::strerror(reason), open_hint(file, reason));
    }
    struct stat info {};
    const bool known = fstat(fd, &info) == 0;
    close(fd);
    if (!known || !S_ISREG(info.st_mode)) {
      error(file, std::string(what) + ": not a file", "name a regular file");
    } else if (info.st_size == 0) {
      error(file, std::string(what) + ": the file is empty", "put its content there again");
    }
  }

  void secret(const std::string& file, const char* what) {
    readable(file, what);
    struct stat info {};
    if (file.empty() || stat(file.c_str(), &info) != 0) return;
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
    diagnostics_.emplace_back(ConfigReader::key(), DiagnosticSeverity::kWarning, file, 0, 0,
                              std::string(what) + ": others may read it", "chmod 600");
  }

  void peer(const MqttPeer& peer) {
    readable(peer.ca_file, "certificate authority");
    readable(peer.cert_file, "certificate");
    if (key_place(peer.key_file) == KeyPlace::kFile) secret(peer.key_file, "private key");
    secret(peer.key_pin_file, "PIN file");
    readable(peer.key_module, "PKCS#11 module");
    secret(peer.password_file, "password file");
  }

  void state_directory(const std::string& directory) {
    std::error_code ignored;
    if (std::filesystem::exists(directory, ignored)) {
      if (!std::filesystem::is_directory(directory, ignored)) {
        error(directory, "the state directory is a file", "name a directory");
      } else if (access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
        error(directory, "the state directory is not writable",
              "it belongs to the user that the gateway runs as");
      }
      return;
    }
    const std::string parent = std::filesystem::absolute(directory).parent_path().string();
    if (access(parent.c_str(), W_OK | X_OK) != 0) {
      error(directory, "the state directory can't be made", "make it, or choose another");
    }
  }

  void clips(const ClipsPlan& clips) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(clips.directory, ignored)) {
      // No error: a memory card may come later.
      diagnostics_.emplace_back(ConfigReader::key(), DiagnosticSeverity::kWarning, clips.directory,
                                0, 0, "clips: there is no such directory",
                                "clips are taken once it is there");
    } else if (access(clips.directory.c_str(), R_OK | X_OK) != 0) {
      error(clips.directory, "clips: the directory is not readable",
            "let the user that the gateway runs as read it");
    } else if (access(clips.directory.c_str(), W_OK) != 0) {
      diagnostics_.emplace_back(ConfigReader::key(), DiagnosticSeverity::kWarning, clips.directory,
                                0, 0, "clips: the directory is not writable",
                                "no clip is deleted, whatever the policy says");
    }
    if (access(clips.program.c_str(), X_OK) != 0) {
      error(clips.program, "clips: sudare-clip is not there, or can't be run",
            "install it beside sudare-gateway, or name it with clips { program: ... }");
    }
  }

 private:
  Diagnostics& diagnostics_;
};

}  // namespace

Diagnostics check_config_files(const GatewayConfigPlan& plan) {
  Diagnostics diagnostics;
  Checks checks(diagnostics);
  checks.state_directory(plan.state_directory);
  checks.readable(plan.policy_file, "policy");
  checks.readable(plan.ceiling_file, "ceiling");
  for (const std::string& file : plan.descriptor_set_files) {
    checks.readable(file, "descriptor set");
  }
  if (plan.clips) checks.clips(*plan.clips);
  checks.peer(plan.local.peer);
  checks.peer(plan.cloud.peer);
  return diagnostics;
}

}  // namespace sudare
