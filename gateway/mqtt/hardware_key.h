// A client's TLS key that lies in a chip and does not leave it: in a token that speaks PKCS#11
// (OpenSSL's engine "pkcs11" of libp11), or in a TPM 2.0 (OpenSSL's provider "tpm2"; P-256).
// OpenSSL asks the chip for each signature.
//
// The gateway's sandbox lets no code be loaded: prepare_hardware_key() loads it before. A token
// that is missing then, or later, costs the connection and not the gateway: it is looked for again
// at each connect.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "gateway/mqtt/endpoint.h"

struct evp_pkey_st;

namespace sudare {

enum class KeyPlace : std::uint8_t { kFile, kPkcs11, kTpm };

// By how MqttPeer::key_file begins. Pure.
[[nodiscard]] KeyPlace key_place(std::string_view key_file);

// Whether a "pkcs11:" URI names its PIN, or where that is: it would be in the configuration. Pure.
[[nodiscard]] bool names_pin(std::string_view uri);

struct HardwareKeyFree {
  void operator()(evp_pkey_st* key) const;
};
using HardwareKey = std::unique_ptr<evp_pkey_st, HardwareKeyFree>;

// Loads the code for the peer's key, and has it look at its token once. Does nothing for a key in a
// file. Before the sandbox; while the process has one thread. kIo: the engine, the provider or the
// module can't be loaded (they are to be installed); kRefused: another module is loaded already.
// A token that is not there, or a wrong PIN, is no error here.
[[nodiscard]] Status prepare_hardware_key(const MqttPeer& peer);

// The key, by which OpenSSL signs. Reads the PIN, and wipes it; libp11 keeps one of its own to log
// in again. Any thread; one at a time. kIo: the PIN file; kUnavailable: no such token or key, the
// PIN is wrong, or the chip does not sign: it signs once here. Borrows nothing.
[[nodiscard]] Result<HardwareKey> load_hardware_key(const MqttPeer& peer);

// Whether a PKCS#11 token that had signed no longer does: it was pulled, or reset. libp11 then goes
// on with what it remembers of it, also once it is back: only a new start helps. Any thread.
[[nodiscard]] bool hardware_key_lost();

// How many PINs chips have refused. Any thread.
[[nodiscard]] std::uint32_t hardware_pins_refused();

}  // namespace sudare
