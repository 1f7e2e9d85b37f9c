#include "sim/error.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace sudare::sim {

std::string InputError::to_string() const {
  std::string result = "error: ";
  if (!file.empty()) result += file + ":";
  if (line > 0) result += std::to_string(line) + ":";
  if (!file.empty()) result += " ";
  result += text + "\n";
  if (!hint.empty()) result += "hint: " + hint + "\n";
  return result;
}

tl::unexpected<InputError> input_error(std::string file, int line, std::string text,
                                       std::string hint) {
  return tl::unexpected<InputError>(
      InputError{std::move(file), line, std::move(text), std::move(hint)});
}

tl::unexpected<InputError> input_error(const Error& error, std::string what) {
  std::string text = std::move(what) + ": " + std::string(error.what.view());
  if (error.detail != 0) text += " (" + std::to_string(error.detail) + ")";
  return input_error({}, 0, std::move(text));
}

Parsed<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return input_error(path, 0, std::strerror(errno), "give the path of a readable file");
  std::string content;
  char piece[64 * 1024];
  while (content.size() <= bytes_max && in) {
    in.read(piece, sizeof piece);
    content.append(piece, static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return input_error(path, 0, "reading it failed");
  if (content.size() > bytes_max) {
    return input_error(path, 0, "is larger than " + std::to_string(bytes_max) + " bytes",
                       "split it");
  }
  return content;
}

}  // namespace sudare::sim
