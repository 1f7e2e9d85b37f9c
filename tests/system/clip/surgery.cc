#include "tests/system/clip/surgery.h"

#include <stdexcept>

namespace sudare::clip_test {
namespace {

std::string be32(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

std::size_t read_be32(std::string_view bytes, std::size_t at) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

std::string box(std::string_view type, std::string_view content) {
  return be32(content.size() + 8) + std::string(type) + std::string(content);
}

void append_to_box(std::string& file, std::string_view type, std::string_view content) {
  for (std::size_t at = 0; at + 8 <= file.size();) {
    const std::size_t size = read_be32(file, at);
    if (std::string_view(file).substr(at + 4, 4) == type) {
      file.insert(at + size, content);
      file.replace(at, 4, be32(size + content.size()));
      return;
    }
    if (size < 8) break;
    at += size;
  }
  throw std::runtime_error("no such box");
}

int overwrite(std::string& file, std::string_view from, std::string_view to) {
  if (from.size() != to.size()) throw std::runtime_error("not of the same length");
  int count = 0;
  for (std::size_t at = file.find(from); at != std::string::npos; at = file.find(from, at + 1)) {
    file.replace(at, to.size(), to);
    ++count;
  }
  return count;
}

std::string with_app1(std::string_view jpegs, std::string_view content) {
  constexpr std::string_view kStart("\xFF\xD8", 2);
  std::string out;
  for (std::size_t i = 0; i < jpegs.size(); ++i) {
    out.push_back(jpegs[i]);
    if (i == 0 || jpegs.substr(i - 1, 2) != kStart) continue;
    out.append("\xFF\xE1").append(be32(content.size() + 2).substr(2)).append(content);
  }
  return out;
}

std::string with_ts_packets(std::string_view file, int pid, std::string_view payload, int every) {
  constexpr std::size_t kPacket = 188;
  std::string out;
  int counter = 0;
  for (std::size_t at = 0; at + kPacket <= file.size(); at += kPacket) {
    out.append(file.substr(at, kPacket));
    if ((at / kPacket + 1) % static_cast<std::size_t>(every) != 0) continue;
    std::string packet("\x47\x00\x00\x10", 4);
    packet[1] = static_cast<char>(0x40 | pid >> 8);
    packet[2] = static_cast<char>(pid);
    packet[3] = static_cast<char>(0x10 | (counter++ & 15));
    packet.append(payload);
    packet.resize(kPacket, '\xFF');
    out.append(packet);
  }
  return out;
}

}  // namespace sudare::clip_test
