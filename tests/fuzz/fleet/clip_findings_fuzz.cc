// What `sudare clip inspect` reads of a process that may have been taken over: however it arrives
// in pieces, the same is printed, no control character reaches a terminal, and NDJSON stays NDJSON.
// Input: a byte that decides the pieces, then what the process writes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "fleet/commands/clip_findings.h"

namespace sudare {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// False: it was refused; `out` has what came before.
bool print(std::string_view text, std::size_t piece, bool json, std::string& out) {
  std::ostringstream printed;
  commands::ClipFindings findings(json, printed);
  bool good = true;
  while (good && !text.empty()) {
    const std::string_view part = text.substr(0, piece);
    text.remove_prefix(part.size());
    good = findings.take(std::as_bytes(std::span(part.data(), part.size()))).has_value();
  }
  out = printed.str();
  return good;
}

// Neither those of ASCII nor those that a terminal takes from U+0080 to U+009F.
void check_table(const std::string& out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto letter = static_cast<unsigned char>(out[i]);
    require(letter == '\n' || (letter >= ' ' && letter != 0x7f));
    const bool c1 =
        letter == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    require(!c1);
  }
}

void check_json(const std::string& out) {
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find('\n', at);
    require(end != std::string::npos);
    const auto line = nlohmann::json::parse(out.substr(at, end - at), nullptr, false);
    require(line.is_object() && line.size() == 5);
    at = end + 1;
  }
}

}  // namespace
}  // namespace sudare

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const bool json : {false, true}) {
    std::string whole;
    std::string cut;
    const bool good = print(text, text.size(), json, whole);
    const bool good_cut = print(text, 1 + data[0] % 32U, json, cut);
    // A line that is too long is noticed sooner in pieces.
    if (good_cut) require(good && whole == cut);
    if (json) check_json(whole);
    else check_table(whole);
  }
  return 0;
}
