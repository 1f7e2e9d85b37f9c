#include "tests/testkit/chips.h"

#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/testkit/broker.h"

namespace sudare::testkit {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* kEngines = "/usr/lib/" SUDARE_LIBRARY_ARCHITECTURE "/engines-3/pkcs11.so";
constexpr const char* kTpmProvider =
    "/usr/lib/" SUDARE_LIBRARY_ARCHITECTURE "/ossl-modules/tpm2.so";
constexpr const char* kPin = "4711";

void must(const std::vector<std::string>& command) {
  const RunResult done = run(command);
  if (done.status == 0) return;
  throw std::runtime_error(command.at(0) + ": " + done.errors + done.output);
}

}  // namespace

bool has_soft_token() {
  return fs::exists(kModule) && fs::exists(kEngines) && fs::exists("/usr/bin/softhsm2-util");
}

bool has_soft_tpm() {
  return fs::exists(kTpmProvider) && fs::exists("/usr/bin/swtpm") &&
         fs::exists("/usr/bin/tpm2_import");
}

// --- SoftHSM

SoftToken::SoftToken(fs::path directory) : directory_(std::move(directory)) {
  fs::create_directories(store());
  std::ofstream(configuration()) << "directories.tokendir = " << store().string()
                                 << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  std::ofstream(pin_file()) << kPin << "\n";
  fs::permissions(pin_file(), fs::perms::owner_read | fs::perms::owner_write);
  setenv("SOFTHSM2_CONF", configuration().c_str(), 1);
  must({"softhsm2-util", "--init-token", "--free", "--label", "unit", "--so-pin", "12345678",
        "--pin", kPin});
}

void SoftToken::take(const fs::path& key) {
  const std::string plain = directory_ / "import.pem";
  must({"openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key.string(), "-out", plain});
  must({"softhsm2-util", "--import", plain, "--token", "unit", "--label", "tls", "--id", "01",
        "--pin", kPin});
  fs::remove(plain);
  fs::remove(key);
}

void SoftToken::pull() const { fs::rename(store(), directory_ / "pulled"); }

// The folder stays: the rule of the sandbox is of it.
void SoftToken::plug() const {
  fs::remove_all(store());
  fs::rename(directory_ / "pulled", store());
}

std::string SoftToken::module() { return kModule; }

std::string SoftToken::counting_module() { return SUDARE_COUNTING_TOKEN; }

int SoftToken::logins() {
  void* const module = dlopen(SUDARE_COUNTING_TOKEN, RTLD_NOW | RTLD_NOLOAD);
  void* const count = module == nullptr ? nullptr : dlsym(module, "sudare_logins");
  return count == nullptr ? -1 : reinterpret_cast<int (*)()>(count)();
}

Environment SoftToken::environment() const { return {{"SOFTHSM2_CONF", configuration().string()}}; }

std::string SoftToken::tls() const {
  return "key_file: \"" + uri() + "\" key_pin_file: \"" + pin_file().string() +
         "\" key_module: \"" + module() + "\" key_store_path: \"" + directory_.string() + "\" ";
}

// --- swtpm

SoftTpm::SoftTpm(fs::path directory) : directory_(std::move(directory)), port_(free_port()) {
  fs::create_directories(directory_ / "state");
  std::ofstream(pin_file()) << kPin << "\n";
  const std::string port = std::to_string(port_);
  process_ = std::make_unique<Process>(std::vector<std::string>{
      "swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + (directory_ / "state").string(),
      "--server", "type=tcp,port=" + port, "--ctrl", "type=tcp,port=" + std::to_string(free_port()),
      "--flags", "not-need-init,startup-clear"});
  if (!eventually([this] { return port_answers(port_); })) throw std::runtime_error("swtpm");
}

Environment SoftTpm::environment() const {
  const std::string transport = "swtpm:host=127.0.0.1,port=" + std::to_string(port_);
  return {{"TPM2OPENSSL_TCTI", transport}, {"TPM2TOOLS_TCTI", transport}};
}

// What a command loads stays in a TPM without a resource manager.
void SoftTpm::tool(std::vector<std::string> command) const {
  std::vector<std::string> all{"env"};
  for (const auto& [name, value] : environment()) all.push_back(name + "=" + value);
  std::vector<std::string> flush = all;
  all.insert(all.end(), command.begin(), command.end());
  must(all);
  flush.insert(flush.end(), {"tpm2_flushcontext", "-t"});
  must(flush);
}

void SoftTpm::take(const fs::path& key) {
  const auto file = [this](const char* name) { return (directory_ / name).string(); };
  tool({"tpm2_createprimary", "-Q", "-C", "o", "-G", "ecc256", "-c", file("parent")});
  tool({"tpm2_import", "-Q", "-C", file("parent"), "-G", "ecc", "-i", key.string(), "-u",
        file("public"), "-r", file("private"), "-p", kPin});
  tool({"tpm2_load", "-Q", "-C", file("parent"), "-u", file("public"), "-r", file("private"), "-c",
        file("key")});
  tool({"tpm2_evictcontrol", "-Q", "-C", "o", "-c", file("key"), "0x81000001"});
  fs::remove(key);
}

std::string SoftTpm::tls() const {
  return "key_file: \"" + uri() + "\" key_pin_file: \"" + pin_file().string() + "\" ";
}

}  // namespace sudare::testkit
