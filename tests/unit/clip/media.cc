#include "tests/unit/clip/media.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/testkit/fixtures.h"
#include "tests/testkit/process.h"

namespace sudare::clip::testing {

bool contains(Bytes bytes, std::string_view text) {
  const Buffer wanted = bytes_of(text);
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

Buffer Media::make(const std::string& file, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"ffmpeg", "-v", "error", "-nostdin", "-y"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(path(file));
  const testkit::RunResult result = testkit::run(command);
  if (result.status != 0) throw std::runtime_error("ffmpeg: " + result.errors);
  return bytes_of(testkit::read_file(path(file)));
}

Buffer Media::picture(const std::string& file, const std::string& codec,
                      const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"-f",       "lavfi",
                                     "-i",       "testsrc2=size=160x96:rate=10:duration=2",
                                     "-pix_fmt", codec == "mjpeg" ? "yuvj420p" : "yuv420p",
                                     "-c:v",     codec};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return make(file, arguments);
}

std::string Media::write(const std::string& file, Bytes bytes) {
  std::ofstream out(path(file), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("media: write");
  return path(file);
}

std::string Media::frames(const std::string& format, Bytes bytes) {
  const std::string input = write("frames.bin", bytes);
  make("frames.md5", {"-f", format, "-i", input, "-map", "0:v", "-f", "framemd5"});
  std::istringstream lines(testkit::read_file(path("frames.md5")));
  std::string hashes;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') hashes += line.substr(line.rfind(' ') + 1) + "\n";
  }
  return hashes;
}

}  // namespace sudare::clip::testing
