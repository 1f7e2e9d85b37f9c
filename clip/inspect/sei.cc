// SEI messages that carry free bytes (H.264 and H.265, annex D): user data, registered and not.
#include <string_view>

#include "clip/inspect/walk.h"
#include "clip/nal/nal_unit.h"

namespace sudare::clip {
namespace {

constexpr unsigned kRegistered = 4;
constexpr unsigned kUnregistered = 5;
constexpr std::size_t kUuidBytes = 16;

bool holds(Bytes bytes, std::string_view text) {
  return std::search(bytes.begin(), bytes.end(), text.begin(), text.end(),
                     [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) !=
         bytes.end();
}

void unregistered(Bytes payload, std::uint64_t offset, const InspectPath& where,
                  Findings& findings) {
  const Bytes data = payload.size() > kUuidBytes ? payload.subspan(kUuidBytes) : Bytes();
  if (data.size() > 4 && be32(data, 0) == four("MDPM")) {
    findings.add("camera-data", Tells::kDevice, where / "MDPM", offset, payload.size());
    inspect_mdpm(data.subspan(4), offset, where / "MDPM", findings);
  } else if (holds(data, "x264") || holds(data, "x265") || holds(data, "options")) {
    findings.add("encoder-options", Tells::kDevice, where / "SEI", offset, payload.size());
  } else {
    findings.add("sei-user-data", Tells::kUnknown, where / "SEI", offset, payload.size());
  }
}

// Reads a number of SEI's form; false at the end.
bool sei_number(Bytes rbsp, std::size_t& at, std::size_t& value) {
  value = 0;
  while (at < rbsp.size()) {
    const std::uint8_t byte = rbsp[at++];
    value += byte;
    if (byte != 255) return true;
  }
  return false;
}

}  // namespace

void inspect_sei(bool h265, Bytes nal, std::uint64_t offset, const InspectPath& where,
                 Findings& findings) {
  const Buffer rbsp = rbsp_of(h265 ? NalCodec::kH265 : NalCodec::kH264, nal);
  std::size_t at = 0;
  while (at + 2 < rbsp.size() && findings.part()) {
    std::size_t type = 0;
    std::size_t size = 0;
    if (!sei_number(rbsp, at, type) || !sei_number(rbsp, at, size)) return;
    const Bytes payload = Bytes(rbsp).subspan(at, std::min(size, rbsp.size() - at));
    if (type == kUnregistered) unregistered(payload, offset, where, findings);
    if (type == kRegistered) {
      findings.add("sei-user-data", Tells::kUnknown, where / "SEI", offset, payload.size());
    }
    at += payload.size();
  }
}

// Tags of five bytes (AVCHD; as exiftool's H264.pm documents them): a number and four bytes.
void inspect_mdpm(Bytes data, std::uint64_t offset, const InspectPath& where, Findings& findings) {
  constexpr std::size_t kTag = 5;
  if (data.empty()) return;
  const std::size_t count = data[0];
  bool when = false;
  bool place = false;
  bool maker = false;
  for (std::size_t i = 0; i < count && 1 + (i + 1) * kTag <= data.size(); ++i) {
    const unsigned tag = data[1 + i * kTag];
    when = when || tag == 0x13 || tag == 0x18 || tag == 0x19;
    place = place || (tag >= 0xB0 && tag <= 0xCA);
    maker = maker || (tag >= 0xE0 && tag <= 0xEF);
  }
  if (when) findings.add("date", Tells::kWhen, where, offset, data.size());
  if (place) findings.add("position", Tells::kWhere, where, offset, data.size());
  if (maker) findings.add("maker", Tells::kDevice, where, offset, data.size());
}

}  // namespace sudare::clip
