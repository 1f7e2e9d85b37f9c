#include "gateway/clips/clip_tags.h"

#include <sodium.h>

#include <array>
#include <optional>
#include <utility>

#include "crypto/bytes.h"

namespace sudare {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTagBytes = 16;
constexpr const char* kKeyName = "key";

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xff);
  }
}

}  // namespace

Result<ClipTags> ClipTags::load(Store& store) {
  TRY(std::optional<std::string> key, store.state(kClipsModule, kKeyName));
  if (key && key->size() != kKeyBytes) {
    return fail(ErrorCode::kMalformed, "clips: the stored key is damaged");
  }
  if (!key) {
    key.emplace(kKeyBytes, '\0');
    randombytes_buf(key->data(), key->size());
    CommitGroup group;
    group.state.push_back({kClipsModule, kKeyName, *key});
    TRY(store.commit(group));
  }
  return ClipTags(std::move(*key));
}

std::string ClipTags::tag(char kind, std::string_view text) const {
  crypto_generichash_state hash;
  std::array<unsigned char, kTagBytes> bytes{};
  crypto_generichash_init(&hash, reinterpret_cast<const unsigned char*>(key_.data()), key_.size(),
                          bytes.size());
  crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(&kind), 1);
  crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(text.data()),
                            text.size());
  crypto_generichash_final(&hash, bytes.data(), bytes.size());
  std::array<char, 2 * kTagBytes + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  return hex.data();
}

std::string ClipTags::of_event(std::string_view file) const { return tag('e', file); }

std::string ClipTags::of_model(std::string_view model) const { return tag('m', model); }

std::string ClipTags::of_file(std::string_view file, const FileState& state,
                              std::string_view purpose) const {
  std::string text;
  append_number(text, state.size);
  append_number(text, static_cast<std::uint64_t>(state.mtime_ns));
  append_number(text, purpose.size());
  text += purpose;
  text += file;
  return tag('f', text);
}

}  // namespace sudare
