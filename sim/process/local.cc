#include "sim/process/local.h"

#include <algorithm>
#include <cctype>
#include <fstream>

#include "base/limits.h"
#include "sim/process/spawn.h"

namespace sudare::sim {

namespace fs = std::filesystem;

Parsed<std::uint16_t> free_port() {
  const std::uint16_t port = unused_port();
  if (port == 0) return input_error({}, 0, "no free port on 127.0.0.1");
  return port;
}

std::filesystem::path program_directory() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

// Debian's lies where a user's PATH does not lead.
std::string mosquitto_program() {
  const std::string debian = "/usr/sbin/mosquitto";
  return fs::exists(debian) ? debian : "mosquitto";
}

Parsed<Done> write_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out.fail()) return input_error(file, 0, "can't be written", "is the disk full?");
  return Done{};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

Parsed<std::string> policy_with_recipients(const fs::path& file, const RecipientOf& recipient_of) {
  auto text = read_whole_file(file, kOperatorFileBytesMax);
  if (!text) return text;
  const std::string end = "_RECIPIENT}";
  for (std::size_t at = text->find("${"); at != std::string::npos; at = text->find("${", at)) {
    const std::size_t close = text->find(end, at);
    if (close == std::string::npos) return input_error(file, 0, "has an unknown placeholder");
    const std::string placeholder = text->substr(at, close + end.size() - at);
    std::string name = text->substr(at + 2, close - at - 2);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return c == '_' ? '-' : static_cast<char>(std::tolower(c));
    });
    auto recipient = recipient_of(name);
    if (!recipient) return recipient;
    replace_all(*text, placeholder, *recipient);
  }
  return text;
}

}  // namespace sudare::sim
