// The parts of an MPEG-4 part 2 stream: what stands between start codes, and those whose syntax is
// parsed to its end.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "clip/nal/bytes.h"

namespace sudare::clip {

// Values of the byte after 00 00 01 (table 6-3).
enum class Mpeg4Part : std::uint8_t {
  kVideoObject,       // 00–1F: nothing but its start code
  kVideoObjectLayer,  // 20–2F
  kSequence,          // B0: profile and level
  kSequenceEnd,       // B1
  kUserData,          // B2
  kGroupOfVops,       // B3: time code
  kVisualObject,      // B5
  kVop,               // B6
  kOther,
};
[[nodiscard]] Mpeg4Part mpeg4_part(std::uint8_t code);

// Each kind of part at most once, which is all that a decoder needs: repeated start codes and
// profiles have room for a few bits each.
class Mpeg4Once {
 public:
  // False: there was one of its kind.
  bool take(Mpeg4Part part) {
    const unsigned bit = 1U << static_cast<unsigned>(part);
    const bool first = (seen_ & bit) == 0;
    seen_ |= bit;
    return first;
  }

 private:
  unsigned seen_ = 0;
};

// Takes part after part, each from its start code to the next one.
class Mpeg4Split {
 public:
  explicit Mpeg4Split(Bytes bytes) : rest_(bytes) {}
  // Nothing at the end. ok() is false where the bytes don't begin with a start code.
  std::optional<Bytes> next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

struct Mpeg4Layer {
  Buffer bytes;  // the part, up to where its syntax ends
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};
// A rectangular video object layer (6.2.3). kUnsupported: other shapes, sprites, scalability.
Result<Mpeg4Layer> rebuild_video_object_layer(Bytes part);
// A visual object of type video (6.2.2).
Result<Buffer> rebuild_visual_object(Bytes part);

// A group's time code tells the second in which a picture is shown: at most some pictures after it
// is decoded. One that runs further ahead could say anything, and does not leave.
inline constexpr std::uint64_t kTimeCodeSlackSeconds = 2;

// A group of VOPs (6.2.4). `seconds` of the day; the time code has no fractions.
struct GroupOfVops {
  std::uint32_t seconds = 0;
  bool closed = false;
  bool broken_link = false;
};
inline constexpr std::uint32_t kDaySeconds = 24 * 60 * 60;
Result<GroupOfVops> parse_group_of_vops(Bytes part);
[[nodiscard]] Buffer group_of_vops(const GroupOfVops& group);

// The start of a VOP (6.2.5): its coding type (2: B-VOP) and how many whole seconds it lies after
// the one that its time is counted from.
struct VopTime {
  bool bidirectional = false;
  std::uint32_t seconds = 0;
};
Result<VopTime> parse_vop_time(Bytes part);

}  // namespace sudare::clip
