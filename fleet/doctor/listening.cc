#include "fleet/doctor/listening.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

namespace sudare::doctor {
namespace {

constexpr std::string_view kListen = "0A";
constexpr std::size_t kWordDigits = 8;

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> hex(std::string_view text) {
  Number value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The address' bytes in network order: the kernel prints words of four of them as numbers.
std::optional<std::string> address_bytes(std::string_view text) {
  std::string bytes;
  if (text.size() != kWordDigits && text.size() != 4 * kWordDigits) return std::nullopt;
  for (; !text.empty(); text.remove_prefix(kWordDigits)) {
    const auto word = hex<std::uint32_t>(text.substr(0, kWordDigits));
    if (!word) return std::nullopt;
    std::array<char, sizeof *word> raw{};
    std::memcpy(raw.data(), &*word, raw.size());
    bytes.append(raw.data(), raw.size());
  }
  return bytes;
}

bool is_loopback(std::string_view bytes) {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  constexpr std::string_view kLoopback6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  if (bytes == kLoopback6) return true;
  if (bytes.size() == 16 && bytes.starts_with(kMapped)) bytes.remove_prefix(kMapped.size());
  return bytes.size() == 4 && bytes.front() == 127;
}

}  // namespace

std::vector<ListeningPort> parse_listening(std::string_view table) {
  std::vector<ListeningPort> ports;
  while (!table.empty() && ports.size() < kListeningPortsMax) {
    std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    take_word(line);
    const std::string_view local = take_word(line);
    take_word(line);
    if (take_word(line) != kListen) continue;
    const std::size_t colon = local.find(':');
    if (colon == std::string_view::npos) continue;
    const auto port = hex<std::uint16_t>(local.substr(colon + 1));
    const auto address = address_bytes(local.substr(0, colon));
    if (port && address) ports.push_back({*port, is_loopback(*address)});
  }
  return ports;
}

}  // namespace sudare::doctor
