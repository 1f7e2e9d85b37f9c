// What in a clip tells where, when, who, or which device: the structures of its container that hold
// such things, and the marker scan over all of its bytes. Reads MP4/MOV/3GP, MPEG-TS and M2TS, AVI
// and JPEG with parsers of its own; of anything else only the markers. Decides nothing and changes
// nothing.
//
// Bounded: nesting, boxes looked at and findings by the limits below; memory below 3 MiB, time
// linear in the file's size.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/literal.h"
#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip {

enum class Tells : std::uint8_t { kWhere, kWhen, kWho, kSound, kDevice, kUnknown };
// "where", "when", "who", "sound", "which device"; "unknown": nobody can say what it is for.
[[nodiscard]] Literal literal_of(Tells tells);

// Names of boxes, chunks and tables on the way to a thing. Only names that are written down here:
// one that the file made up is "other".
using InspectPath = std::vector<Literal>;

struct InspectFinding {
  Literal what;  // "gps-track"
  Tells tells = Tells::kUnknown;
  InspectPath where;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// {"what":"position","tells":"where","where":"moov/udta/©xyz","offset":N,"bytes":N}\n
[[nodiscard]] std::string to_line(const InspectFinding& finding);

// The file, at any place. Reads at most what `into` holds; 0 at and behind the end. kIo.
class InspectFile {
 public:
  virtual ~InspectFile() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
};

enum class Container : std::uint8_t { kUnknown, kMp4, kTransportStream, kAvi, kJpeg };
[[nodiscard]] Literal literal_of(Container container);

// Boxes in boxes, lists in lists.
inline constexpr unsigned kInspectDepthMax = 12;
// Boxes, chunks and descriptors looked at. A clip of an hour in fragments of a second has 11,000.
inline constexpr std::size_t kInspectPartsMax = 200'000;
// Findings of one kind at one place, and of one file; what is over is counted, not listed.
inline constexpr std::size_t kInspectAlikeMax = 16;
inline constexpr std::size_t kInspectFindingsMax = 4096;

struct Inspected {
  Container container = Container::kUnknown;
  std::uint64_t findings = 0;  // those that were not listed too
  bool truncated = false;      // a part goes on behind the file's end, or a limit was met
};

// kIo where the file can't be read. One thread.
Result<Inspected> inspect_clip(InspectFile& file,
                               const std::function<void(const InspectFinding&)>& found);

}  // namespace sudare::clip
