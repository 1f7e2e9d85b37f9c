// Real streams for the tests of clip/, made on the fly with the ffmpeg command, and what it decodes
// from one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clip/nal/bytes.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::clip::testing {

inline Buffer bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
[[nodiscard]] bool contains(Bytes bytes, std::string_view text);

// Where a test's media lie until it ends.
class Media {
 public:
  // Runs `ffmpeg -v error -y arguments… file` and returns what it wrote. Throws where it fails.
  Buffer make(const std::string& file, const std::vector<std::string>& arguments);

  // Two seconds of a moving test picture, 20 frames of 160 x 96, coded with `codec` and its
  // options.
  Buffer picture(const std::string& file, const std::string& codec,
                 const std::vector<std::string>& options = {});

  // Hashes of the decoded frames, one a line. `format`: ffmpeg's name for what `bytes` are.
  std::string frames(const std::string& format, Bytes bytes);

  [[nodiscard]] std::string path(const std::string& file) const { return folder_.path() / file; }
  std::string write(const std::string& file, Bytes bytes);

 private:
  testkit::TemporaryDirectory folder_;
};

}  // namespace sudare::clip::testing
