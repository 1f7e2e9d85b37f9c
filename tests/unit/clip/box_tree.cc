#include "tests/unit/clip/box_tree.h"

#include <algorithm>
#include <stdexcept>

namespace sudare::clip::testing {
namespace {

bool is_container(std::string_view type) {
  constexpr std::string_view kTypes = "moov trak mdia minf stbl mvex moof traf dinf udta";
  return kTypes.find(type) != std::string_view::npos;
}

void write(const Node& node, Buffer& out) {
  const std::size_t begin = out.size();
  put32(out, 0);
  out.insert(out.end(), node.type.begin(), node.type.end());
  append(out, node.content);
  for (const Node& child : node.children) write(child, out);
  const std::size_t size = out.size() - begin;
  for (unsigned i = 0; i < 4; ++i) out[begin + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
}

Buffer number(std::size_t value) {
  Buffer out;
  put32(out, value);
  return out;
}

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) append(out, part);
  return out;
}

constexpr std::string_view kMatrix =
    "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000";

Node track_box(const CleanTrack& track, std::size_t id) {
  const bool video = track.handler == "vide";
  Buffer header = joined({hex("00000003 00000000 00000000"), number(id),
                          hex("00000000 00000000 0000000000000000"),
                          hex(video ? "0000 0000 0000 0000" : "0000 0001 0100 0000"), hex(kMatrix),
                          hex(video ? "00A00000 00600000" : "00000000 00000000")});
  Buffer handler = hex("00000000 00000000");
  handler.insert(handler.end(), track.handler.begin(), track.handler.end());
  append(handler, hex("000000000000000000000000 00"));
  Buffer description = hex("00000000 00000001");
  write(track.entry, description);
  Node table = parent("stbl", {leaf("stsd", description), leaf("stts", hex("00000000 00000000")),
                               leaf("stsc", hex("00000000 00000000")),
                               leaf("stsz", hex("00000000 00000000 00000000")),
                               leaf("stco", hex("00000000 00000000"))});
  Node information = parent(
      "minf",
      {video ? leaf("vmhd", hex("00000001 0000 000000000000"))
             : leaf("smhd", hex("00000000 00000000")),
       parent("dinf", {leaf("dref", hex("00000000 00000001 0000000C 75726C20 00000001"))}), table});
  Node media =
      parent("mdia", {leaf("mdhd", hex("00000000 00000000 00000000 000003E8 00000000 55C40000")),
                      leaf("hdlr", handler), information});
  return parent("trak", {leaf("tkhd", header), media});
}

// 100 ms each.
Node track_fragment(std::size_t id, std::size_t first, const std::vector<Buffer>& samples,
                    std::size_t offset) {
  Buffer run = joined({hex("00000201"), number(samples.size()), number(offset)});
  for (const Buffer& sample : samples) put32(run, sample.size());
  return parent(
      "traf",
      {leaf("tfhd", joined({hex("00020028"), number(id), number(100), number(0)})),
       leaf("tfdt", joined({hex("01000000 00000000"), number(first * 100)})), leaf("trun", run)});
}

}  // namespace

Buffer hex(std::string_view digits) {
  Buffer out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    const int value = c <= '9' ? c - '0' : c - 'A' + 10;
    if (high >= 0) out.push_back(static_cast<std::uint8_t>(high * 16 + value));
    high = high >= 0 ? -1 : value;
  }
  return out;
}

Node leaf(std::string type, Buffer content) {
  return {std::move(type), std::move(content), {}, false};
}
Node parent(std::string type, std::vector<Node> children) {
  return {std::move(type), {}, std::move(children), true};
}

std::vector<Node> parse_boxes(Bytes bytes) {
  std::vector<Node> boxes;
  while (bytes.size() >= 8) {
    const std::size_t size = be32(bytes, 0);
    if (size < 8 || size > bytes.size()) throw std::runtime_error("box tree: size");
    const std::string type(bytes.begin() + 4, bytes.begin() + 8);
    const Bytes content = bytes.subspan(8, size - 8);
    boxes.push_back(is_container(type) ? parent(type, parse_boxes(content))
                                       : leaf(type, {content.begin(), content.end()}));
    bytes = bytes.subspan(size);
  }
  return boxes;
}

Buffer write_boxes(const std::vector<Node>& boxes) {
  Buffer out;
  for (const Node& box : boxes) write(box, out);
  return out;
}

Node& find_box(std::vector<Node>& boxes, std::string_view path) {
  const std::size_t slash = path.find('/');
  const std::string_view type = path.substr(0, slash);
  const auto found = std::find_if(boxes.begin(), boxes.end(),
                                  [type](const Node& node) { return node.type == type; });
  if (found == boxes.end()) throw std::runtime_error("box tree: no " + std::string(path));
  return slash == std::string_view::npos ? *found
                                         : find_box(found->children, path.substr(slash + 1));
}

std::vector<Node> fragmented_mp4(const std::vector<CleanTrack>& tracks) {
  std::vector<Node> movie{
      leaf("mvhd", joined({hex("00000000 00000000 00000000 000003E8 00000000 00010000"
                               "01000000 00000000 00000000"),
                           hex(kMatrix), Buffer(24, 0), number(tracks.size() + 1)}))};
  std::vector<Node> defaults;
  std::size_t fragments = 0;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    movie.push_back(track_box(tracks[i], i + 1));
    defaults.push_back(leaf("trex", joined({hex("00000000"), number(i + 1),
                                            hex("00000001 00000000 00000000 00000000")})));
    const std::size_t per_fragment = tracks[i].per_fragment;
    fragments = std::max(fragments, (tracks[i].samples.size() + per_fragment - 1) / per_fragment);
  }
  movie.push_back(parent("mvex", defaults));
  std::vector<Node> boxes{leaf("ftyp", hex("69736F35 00000200 69736F35 69736F36 6D703431")),
                          parent("moov", movie)};
  for (std::size_t fragment = 0; fragment < fragments; ++fragment) {
    // Twice: the offsets of the data are known once the size of the box is.
    std::size_t size = 0;
    for (unsigned pass = 0; pass < 2; ++pass) {
      std::vector<Node> inside{leaf("mfhd", joined({hex("00000000"), number(fragment + 1)}))};
      Buffer data;
      for (std::size_t i = 0; i < tracks.size(); ++i) {
        const auto& all = tracks[i].samples;
        const std::size_t first = fragment * tracks[i].per_fragment;
        if (first >= all.size()) continue;
        const std::size_t last = std::min(all.size(), first + tracks[i].per_fragment);
        const std::vector<Buffer> samples(all.begin() + static_cast<std::ptrdiff_t>(first),
                                          all.begin() + static_cast<std::ptrdiff_t>(last));
        inside.push_back(track_fragment(i + 1, first, samples, size + 8 + data.size()));
        for (const Buffer& sample : samples) append(data, sample);
      }
      const Node box = parent("moof", inside);
      size = write_boxes({box}).size();
      if (pass == 0) continue;
      boxes.push_back(box);
      boxes.push_back(leaf("mdat", data));
    }
  }
  return boxes;
}

Node video_entry(std::string type, Node config, unsigned width, unsigned height) {
  Buffer content = hex("000000000000 0001 0000 0000 000000000000000000000000");
  put16(content, width);
  put16(content, height);
  append(content, hex("00480000 00480000 00000000 0001"));
  content.resize(content.size() + 32);
  append(content, hex("0018 FFFF"));
  write(config, content);
  return leaf(std::move(type), content);
}

Node esds(std::uint8_t object_type, Bytes specific) {
  Buffer decoder{object_type, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  if (object_type == 0x40) decoder[1] = 0x15;
  if (!specific.empty()) {
    decoder.insert(decoder.end(), {5, static_cast<std::uint8_t>(specific.size())});
    append(decoder, specific);
  }
  Buffer stream{0, 1, 0, 4, static_cast<std::uint8_t>(decoder.size())};
  append(stream, decoder);
  append(stream, hex("06 01 02"));
  Buffer content{0, 0, 0, 0, 3, static_cast<std::uint8_t>(stream.size())};
  append(content, stream);
  return leaf("esds", content);
}

}  // namespace sudare::clip::testing
