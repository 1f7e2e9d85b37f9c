// Boxes as a tree that a test can change anywhere: sizes are counted anew when it is written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clip/nal/bytes.h"

namespace sudare::clip::testing {

struct Node {
  std::string type;
  Buffer content;              // where it holds no boxes
  std::vector<Node> children;  // of a container
  bool container = false;
};

// Containers of fragmented MP4 are opened, everything else is content.
std::vector<Node> parse_boxes(Bytes bytes);
Buffer write_boxes(const std::vector<Node>& boxes);

// "moov/trak/mdia/hdlr": the first box with this path. Throws std::runtime_error where there is
// none.
Node& find_box(std::vector<Node>& boxes, std::string_view path);

Node leaf(std::string type, Buffer content);
Node parent(std::string type, std::vector<Node> children);

// Bytes from hex digits; spaces don't count.
Buffer hex(std::string_view digits);

// The clean streams that the tests of verify start from.
struct CleanTrack {
  std::string handler = "vide";
  Node entry;                   // of stsd
  std::vector<Buffer> samples;  // one fragment each `per_fragment`
  std::size_t per_fragment = 8;
};
std::vector<Node> fragmented_mp4(const std::vector<CleanTrack>& tracks);
Node video_entry(std::string type, Node config, unsigned width = 160, unsigned height = 96);
Node esds(std::uint8_t object_type, Bytes specific);

}  // namespace sudare::clip::testing
