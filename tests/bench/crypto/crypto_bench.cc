// What sealing costs: the age format against libsodium's bare cipher, and one fragment as the car
// makes it.
#include <benchmark/benchmark.h>
#include <sodium.h>

#include <array>
#include <ctime>
#include <string>
#include <vector>

#include "crypto/crypto_init.h"
#include "crypto/identity/padme.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "crypto/seal/seal.h"

namespace sudare {
namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;
constexpr std::size_t kFragmentBytes = 2048;

std::vector<age::Recipient> recipients(std::size_t count) {
  std::vector<age::Recipient> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(age::open_side::Identity::generate().recipient());
  }
  return made;
}

// libsodium's ChaCha20-Poly1305 over one buffer, into memory that is already there.
class BareCipher {
 public:
  explicit BareCipher(std::size_t size) : sealed_(size + age::kTagBytes) {
    random_bytes(key_);
    random_bytes(nonce_);
  }
  void seal(ByteSpan plaintext) {
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed_.data(), nullptr, plaintext.data(),
                                              plaintext.size(), nullptr, 0, nullptr, nonce_.data(),
                                              key_.data());
    benchmark::DoNotOptimize(sealed_.data());
    benchmark::ClobberMemory();
  }

 private:
  std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_KEYBYTES> key_{};
  std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> nonce_{};
  std::vector<std::uint8_t> sealed_;
};

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void libsodium_1_mib(benchmark::State& state) {
  BareCipher cipher(kMebibyte);
  const std::string plaintext(kMebibyte, 'x');
  for (auto iteration : state) cipher.seal(bytes_of(plaintext));
  set_bytes(state, kMebibyte);
}
BENCHMARK(libsodium_1_mib);

void age_seal_1_mib(benchmark::State& state) {
  const auto to = recipients(1);
  const std::string plaintext(kMebibyte, 'x');
  std::string out;
  for (auto iteration : state) {
    out.clear();
    if (!age::seal(to, bytes_of(plaintext), out)) state.SkipWithError("seal");
  }
  set_bytes(state, kMebibyte);
}
BENCHMARK(age_seal_1_mib);

// Processor time of this thread, so that another program's work doesn't count.
double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Both in turn, so that a change of clock frequency meets both. The counter is the rate of age
// (header included) divided by the rate of the cipher; at least 0.8 is wanted.
void age_rate_by_libsodium_rate(benchmark::State& state) {
  BareCipher cipher(kMebibyte);
  const auto to = recipients(1);
  const std::string plaintext(kMebibyte, 'x');
  std::string out;
  double bare_seconds = 0;
  double age_seconds = 0;
  for (auto iteration : state) {
    const double start = thread_seconds();
    cipher.seal(bytes_of(plaintext));
    const double middle = thread_seconds();
    out.clear();
    if (!age::seal(to, bytes_of(plaintext), out)) state.SkipWithError("seal");
    const double end = thread_seconds();
    bare_seconds += middle - start;
    age_seconds += end - middle;
  }
  state.counters["ratio"] = bare_seconds / age_seconds;
}
BENCHMARK(age_rate_by_libsodium_rate)->MinTime(2);

void age_open_1_mib(benchmark::State& state) {
  std::vector<age::open_side::Identity> identities;
  identities.push_back(age::open_side::Identity::generate());
  const std::vector<age::Recipient> to = {identities[0].recipient()};
  std::string file;
  std::string out;
  if (!age::seal(to, bytes_of(std::string(kMebibyte, 'x')), file)) state.SkipWithError("seal");
  for (auto iteration : state) {
    out.clear();
    if (!age::open_side::open(identities, bytes_of(file), out)) state.SkipWithError("open");
  }
  set_bytes(state, kMebibyte);
}
BENCHMARK(age_open_1_mib);

// A fragment of 2 KiB as the car makes it: sign, pad, seal. The argument is the number of
// recipients.
void seal_and_sign_a_fragment(benchmark::State& state) {
  if (!crypto_init()) state.SkipWithError("libsodium");
  const auto to = recipients(static_cast<std::size_t>(state.range(0)));
  RootKey root;
  random_bytes(root.bytes());
  const auto chain = chain_start(root, 28);
  const auto key = epoch_key(*chain, "traffic", 28, 700);
  std::string compressed(kFragmentBytes, '\0');
  random_bytes(MutableByteSpan(reinterpret_cast<std::uint8_t*>(compressed.data()), kFragmentBytes));
  std::string batch;
  std::string out;
  for (auto iteration : state) {
    batch.clear();
    out.clear();
    const auto signature = sign_batch(*key, "traffic", bytes_of(compressed));
    const BatchProof proof{key->public_key, *signature};
    const auto total = padme_bytes(signed_batch_bytes(compressed.size(), true));
    if (!write_signed_batch(bytes_of(compressed), proof, total, batch) ||
        !age::seal(to, bytes_of(batch), out)) {
      state.SkipWithError("seal");
    }
  }
}
BENCHMARK(seal_and_sign_a_fragment)->Arg(1)->Arg(3)->Unit(benchmark::kMicrosecond);

void sign_a_fragment(benchmark::State& state) {
  RootKey root;
  random_bytes(root.bytes());
  const auto chain = chain_start(root, 28);
  const auto key = epoch_key(*chain, "traffic", 28, 700);
  const std::string compressed(kFragmentBytes, 'x');
  for (auto iteration : state) {
    benchmark::DoNotOptimize(sign_batch(*key, "traffic", bytes_of(compressed)));
  }
}
BENCHMARK(sign_a_fragment)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sudare
