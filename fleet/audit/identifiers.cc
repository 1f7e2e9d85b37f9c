#include "fleet/audit/identifiers.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gateway/detect/characters.h"

namespace sudare {
namespace {

constexpr unsigned kStartBits = 20;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

std::uint32_t start_of(const char* bytes) {
  std::uint32_t start = 0;
  std::memcpy(&start, bytes, sizeof start);
  return start;
}

std::size_t hash_of(std::uint32_t start) {
  constexpr std::uint32_t kFibonacci = 2'654'435'769U;
  return start * kFibonacci >> (32 - kStartBits);
}

std::string utf16(std::string_view ascii, bool big_endian) {
  std::string out;
  for (const char c : ascii) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

}  // namespace

IdentifierFinder::IdentifierFinder(const std::vector<std::string>& identifiers)
    : starts_((std::size_t{1} << kStartBits) / 64) {
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const std::string& identifier = identifiers[i];
    if (identifier.size() < kIdentifierBytesMin || identifier.size() > kIdentifierBytesMax)
      continue;
    const std::string text = lower(identifier);
    add(text, i);
    if (std::all_of(text.begin(), text.end(), is_ascii)) {
      add(utf16(text, false), i);
      add(utf16(text, true), i);
    }
  }
}

void IdentifierFinder::add(std::string bytes, std::size_t identifier) {
  const std::uint32_t start = start_of(bytes.data());
  const std::size_t bit = hash_of(start);
  starts_[bit / 64] |= std::uint64_t{1} << bit % 64;
  by_start_[start].push_back(patterns_.size());
  patterns_.push_back({std::move(bytes), identifier});
}

void IdentifierFinder::find(std::string_view bytes, const Found& found) {
  if (patterns_.empty() || bytes.size() < kIdentifierBytesMin) return;
  lower_.resize(bytes.size());
  std::transform(bytes.begin(), bytes.end(), lower_.begin(), to_lower);
  const std::size_t last = bytes.size() - kIdentifierBytesMin;
  for (std::size_t at = 0; at <= last; ++at) {
    const std::uint32_t start = start_of(lower_.data() + at);
    const std::size_t bit = hash_of(start);
    if ((starts_[bit / 64] >> bit % 64 & 1) == 0) continue;
    const auto candidates = by_start_.find(start);
    if (candidates == by_start_.end()) continue;
    for (const std::size_t index : candidates->second) {
      const Pattern& pattern = patterns_[index];
      if (lower_.compare(at, pattern.bytes.size(), pattern.bytes) == 0) {
        found(pattern.identifier, at);
      }
    }
  }
}

}  // namespace sudare
