#define OPENSSL_SUPPRESS_DEPRECATED  // engines: Debian 12 has no other way to PKCS#11
#include "gateway/mqtt/hardware_key.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "gateway/mqtt/refused_pins.h"

namespace sudare {
namespace {

constexpr std::string_view kPkcs11Scheme = "pkcs11:";
constexpr std::string_view kTpmScheme = "handle:";
// The library by which tpm2 reaches the kernel's device; it would be loaded too late.
constexpr const char* kTpmTransport = "libtss2-tcti-device.so.0";

// PKCS#11's longest PIN in practice is 255 (PIV: 8, SoftHSM: 255).
constexpr std::size_t kPinBytesMax = 256;

// A PIN, NUL-terminated; wiped when it goes.
class Pin {
 public:
  Pin() = default;
  ~Pin() { OPENSSL_cleanse(text_.data(), text_.size()); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  Status read(const std::string& path) {
    if (path.empty()) return Done{};
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? -1 : ::read(fd, text_.data(), kPinBytesMax);
    const int error = errno;
    if (fd >= 0) close(fd);
    if (size < 0) return fail(ErrorCode::kIo, "MQTT: the PIN file can't be read", error);
    text_[std::min(std::strcspn(text_.data(), "\r\n"), kPinBytesMax)] = '\0';
    return Done{};
  }
  [[nodiscard]] bool empty() const { return text_[0] == '\0'; }
  [[nodiscard]] const char* text() const { return text_.data(); }

 private:
  std::array<char, kPinBytesMax + 1> text_{};
};

// OpenSSL's engines are the process's. One thread at a time: libp11 logs in and out.
struct Loaded {
  std::mutex mutex;
  ENGINE* engine = nullptr;
  bool engine_ready = false;
  bool signed_once = false;
  std::string module;
  RefusedPins refused_pins;
  OSSL_PROVIDER* standard = nullptr;
  OSSL_PROVIDER* tpm = nullptr;
  std::mutex tpm_mutex;  // a TPM answers one at a time
};

std::atomic<bool> token_lost = false;
std::atomic<std::uint32_t> pins_refused = 0;

Loaded& loaded() {
  static Loaded one;
  return one;
}

int give_pin(char* buffer, int size, int /*writing*/, void* pin) {
  const auto* const text = static_cast<const char*>(pin);
  const std::size_t length = std::strlen(text);
  if (length >= static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text, length);
  return static_cast<int>(length);
}

// Stays in memory, whatever libp11 and OpenSSL unload after a failure: they could not load it again
// in the sandbox.
bool keep_loaded(const char* library) {
  return dlopen(library, RTLD_NOW | RTLD_NODELETE) != nullptr;
}

Status prepare_engine(Loaded& all, const std::string& module) {
  if (all.engine != nullptr) {
    if (all.module == module) return Done{};
    return fail(ErrorCode::kRefused, "MQTT: two PKCS#11 modules");
  }
  if (!keep_loaded(module.c_str())) {
    return fail(ErrorCode::kIo, "MQTT: the PKCS#11 module can't be loaded");
  }
  ENGINE_load_builtin_engines();
  all.engine = ENGINE_by_id("pkcs11");
  if (all.engine == nullptr) {
    return fail(ErrorCode::kIo, "MQTT: OpenSSL's engine pkcs11 can't be loaded");
  }
  if (ENGINE_ctrl_cmd_string(all.engine, "MODULE_PATH", module.c_str(), 0) != 1) {
    return fail(ErrorCode::kIo, "MQTT: OpenSSL's engine pkcs11 takes no module");
  }
  // Else it writes on stderr what it looks for.
  static_cast<void>(ENGINE_ctrl_cmd_string(all.engine, "QUIET", nullptr, 0));
  all.module = module;
  return Done{};
}

// Once a provider is loaded by name, OpenSSL no longer loads its own by itself.
Status prepare_tpm(Loaded& all) {
  if (all.tpm != nullptr) return Done{};
  static_cast<void>(keep_loaded(kTpmTransport));  // TPM2OPENSSL_TCTI may name another
  if (all.standard == nullptr) all.standard = OSSL_PROVIDER_load(nullptr, "default");
  if (all.standard == nullptr) {
    return fail(ErrorCode::kIo, "MQTT: OpenSSL's default provider can't be loaded");
  }
  all.tpm = OSSL_PROVIDER_load(nullptr, "tpm2");
  if (all.tpm == nullptr) {
    return fail(ErrorCode::kIo, "MQTT: OpenSSL's provider tpm2 can't be loaded, or finds no TPM");
  }
  return Done{};
}

// A token that was pulled leaves keys behind that are found and do not sign.
bool signs(evp_pkey_st* key) {
  constexpr std::array<unsigned char, 32> kNothing{};
  std::array<unsigned char, 1024> signature{};  // RSA of 8192 bits
  std::size_t size = signature.size();
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool done =
      context != nullptr && EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestSign(context, signature.data(), &size, kNothing.data(), kNothing.size()) == 1;
  EVP_MD_CTX_free(context);
  return done;
}

// Whether OpenSSL's queue of errors says that the PIN is wrong, too long or short, expired or
// locked. libp11 puts what the module returned (PKCS#11, CKR_PIN_INCORRECT to CKR_PIN_LOCKED) there
// under a library's number of its own. Empties the queue.
bool module_refused_pin() {
  constexpr int kPinIncorrect = 0xa0;
  constexpr int kPinLocked = 0xa4;
  bool refused = false;
  while (const unsigned long error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    refused = refused || (ERR_GET_LIB(error) >= ERR_LIB_USER && reason >= kPinIncorrect &&
                          reason <= kPinLocked);
  }
  return refused;
}

tl::unexpected<Error> refused_pin() {
  return fail(ErrorCode::kRefused, "MQTT: the chip refuses the PIN in its file");
}

Result<HardwareKey> from_engine(Loaded& all, const std::string& uri, const Pin& pin) {
  if (all.engine == nullptr) return fail(ErrorCode::kUnavailable, "MQTT: no PKCS#11 engine");
  if (!all.engine_ready) all.engine_ready = ENGINE_init(all.engine) == 1;
  if (!all.engine_ready) return fail(ErrorCode::kUnavailable, "MQTT: the PKCS#11 module failed");
  if (!pin.empty()) static_cast<void>(ENGINE_ctrl_cmd_string(all.engine, "PIN", pin.text(), 0));
  HardwareKey key(ENGINE_load_private_key(all.engine, uri.c_str(), nullptr, nullptr));
  if (key && signs(key.get())) {
    all.signed_once = true;
    return key;
  }
  // The module looks for tokens when it is initialized: the next time it does so again. Not where
  // libp11 remembers a key, which keeps the module in use.
  const bool found = key != nullptr;
  const bool wrong_pin = module_refused_pin();
  if (found && !wrong_pin && all.signed_once) token_lost = true;
  key.reset();
  ENGINE_finish(all.engine);
  all.engine_ready = false;
  if (wrong_pin) return refused_pin();
  if (found) return fail(ErrorCode::kUnavailable, "MQTT: the PKCS#11 token does not sign");
  return fail(ErrorCode::kUnavailable, "MQTT: no such key in a PKCS#11 token");
}

// --- a TPM's key as OpenSSL's own
//
// OpenSSL takes its own provider for a signature, and of a TPM's key the half that is public. Told
// to prefer tpm2, it has the TPM compute hashes and look at the broker's signature, too, for which
// a TPM has too little memory. So the key that TLS sees is OpenSSL's, and only its signature is the
// TPM's.

int tpm_key_index() {
  static const int index = EC_KEY_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void* /*ec*/, void* key, CRYPTO_EX_DATA* /*data*/, int /*at*/, long /*l*/, void* /*p*/) {
        EVP_PKEY_free(static_cast<EVP_PKEY*>(key));
      });
  return index;
}

int sign_by_tpm(int /*type*/, const unsigned char* digest, int digest_size, unsigned char* out,
                unsigned* out_size, const BIGNUM* /*inverse*/, const BIGNUM* /*r*/, EC_KEY* ec) {
  auto* const key = static_cast<EVP_PKEY*>(EC_KEY_get_ex_data(ec, tpm_key_index()));
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, "provider=tpm2");
  auto size = static_cast<std::size_t>(ECDSA_size(ec));
  const std::lock_guard held(loaded().tpm_mutex);
  const bool done =
      context != nullptr && EVP_PKEY_sign_init(context) == 1 &&
      EVP_PKEY_sign(context, out, &size, digest, static_cast<std::size_t>(digest_size)) == 1;
  EVP_PKEY_CTX_free(context);
  if (done) *out_size = static_cast<unsigned>(size);
  return done ? 1 : 0;
}

const EC_KEY_METHOD* tpm_method() {
  static const EC_KEY_METHOD* const method = [] {
    EC_KEY_METHOD* const made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    if (made != nullptr) EC_KEY_METHOD_set_sign(made, sign_by_tpm, nullptr, nullptr);
    return made;
  }();
  return method;
}

// Empty where it is no key of an elliptic curve.
HardwareKey by_the_tpm(HardwareKey key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key.get(), &bytes);
  const unsigned char* at = bytes;
  EC_KEY* const ec = size > 0 ? d2i_EC_PUBKEY(nullptr, &at, size) : nullptr;
  OPENSSL_free(bytes);
  HardwareKey made(EVP_PKEY_new());
  const bool good = ec != nullptr && made && tpm_method() != nullptr &&
                    EC_KEY_set_method(ec, tpm_method()) == 1 &&
                    EC_KEY_set_ex_data(ec, tpm_key_index(), key.get()) == 1;
  if (good) static_cast<void>(key.release());  // it goes with `ec`
  if (good && EVP_PKEY_assign_EC_KEY(made.get(), ec) == 1) return made;
  EC_KEY_free(ec);
  return nullptr;
}

// Whether OpenSSL's queue of errors says that the key's password is wrong (TPM 2.0, part 2:
// TPM_RC_AUTH_FAIL, which is counted, and TPM_RC_BAD_AUTH), or does not say what the TPM returned:
// tpm2 begins an error's text with it. Empties the queue.
bool tpm_refused_pin() {
  constexpr long kCodeOfFormat1 = 0xbf;
  constexpr long kAuthFail = 0x8e;
  constexpr long kBadAuth = 0xa2;
  bool refused = false;
  bool told = false;
  const char* text = nullptr;
  int flags = 0;
  while (ERR_get_error_all(nullptr, nullptr, nullptr, &text, &flags) != 0) {
    const bool has_text = text != nullptr && (flags & ERR_TXT_STRING) != 0;
    const long returned = has_text ? std::strtol(text, nullptr, 10) : 0;
    const long code = returned & kCodeOfFormat1;
    told = told || returned > 0;
    refused = refused || code == kAuthFail || code == kBadAuth;
  }
  return refused || !told;
}

// tpm2 asks for a PIN only where the URI says that there is one.
Result<HardwareKey> from_tpm(Loaded& all, std::string uri, const Pin& pin) {
  TRY(prepare_tpm(all));
  if (!pin.empty()) uri += "?pass";
  UI_METHOD* const method = UI_UTIL_wrap_read_pem_callback(give_pin, 0);
  OSSL_STORE_CTX* const store =
      OSSL_STORE_open(uri.c_str(), method, const_cast<char*>(pin.text()), nullptr, nullptr);
  HardwareKey key;
  while (store != nullptr && !key && OSSL_STORE_eof(store) == 0) {
    OSSL_STORE_INFO* const info = OSSL_STORE_load(store);
    if (info == nullptr) break;
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
      key.reset(OSSL_STORE_INFO_get1_PKEY(info));
    }
    OSSL_STORE_INFO_free(info);
  }
  if (store != nullptr) OSSL_STORE_close(store);
  UI_destroy_method(method);
  if (key) key = by_the_tpm(std::move(key));
  const bool found = key != nullptr;
  if (key && signs(key.get())) return key;
  if (found && !pin.empty() && tpm_refused_pin()) return refused_pin();
  if (found) return fail(ErrorCode::kUnavailable, "MQTT: the TPM does not sign");
  return fail(ErrorCode::kUnavailable, "MQTT: no such P-256 key in the TPM");
}

}  // namespace

KeyPlace key_place(std::string_view key_file) {
  if (key_file.starts_with(kPkcs11Scheme)) return KeyPlace::kPkcs11;
  if (key_file.starts_with(kTpmScheme)) return KeyPlace::kTpm;
  return KeyPlace::kFile;
}

bool names_pin(std::string_view uri) {
  return uri.find("pin-value") != std::string_view::npos ||
         uri.find("pin-source") != std::string_view::npos;
}

void HardwareKeyFree::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

bool hardware_key_lost() { return token_lost; }

std::uint32_t hardware_pins_refused() { return pins_refused; }

Status prepare_hardware_key(const MqttPeer& peer) {
  const KeyPlace place = key_place(peer.key_file);
  if (place == KeyPlace::kFile) return Done{};
  {
    Loaded& all = loaded();
    const std::lock_guard held(all.mutex);
    const Status ready =
        place == KeyPlace::kPkcs11 ? prepare_engine(all, peer.key_module) : prepare_tpm(all);
    ERR_clear_error();
    if (!ready) return ready;
  }
  // What it loads and opens when it is first used.
  static_cast<void>(load_hardware_key(peer));
  return Done{};
}

Result<HardwareKey> load_hardware_key(const MqttPeer& peer) {
  Pin pin;
  TRY(pin.read(peer.key_pin_file));
  Loaded& all = loaded();
  const std::lock_guard held(all.mutex);
  if (!pin.empty() && all.refused_pins.has(peer.key_file, pin.text())) return refused_pin();
  ERR_clear_error();
  Result<HardwareKey> key = key_place(peer.key_file) == KeyPlace::kPkcs11
                                ? from_engine(all, peer.key_file, pin)
                                : from_tpm(all, peer.key_file, pin);
  ERR_clear_error();
  if (!key && key.error().code == ErrorCode::kRefused && !pin.empty()) {
    all.refused_pins.add(peer.key_file, pin.text());
    ++pins_refused;
  }
  return key;
}

}  // namespace sudare
