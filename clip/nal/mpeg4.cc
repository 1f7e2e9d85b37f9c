#include "clip/nal/mpeg4.h"

#include <algorithm>

#include "clip/nal/mpeg4_parts.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kStartCode = 4;

// Without zeros at its end, and without a start code that the end of the sample cut.
Bytes without_padding_behind(Bytes part) {
  for (;;) {
    const std::size_t size = part.size();
    if (size > kStartCode && part[size - 1] == 0) {
      part = part.first(size - 1);
    } else if (size >= kStartCode + 3 && part[size - 1] == 1 && part[size - 2] == 0 &&
               part[size - 3] == 0) {
      part = part.first(size - 3);
    } else {
      return part;
    }
  }
}

// Appends a part that says how to decode, up to where its syntax ends. False where it is none.
Result<bool> put_header(Bytes part, Buffer& out, Mpeg4Config* config) {
  switch (mpeg4_part(part[3])) {
    case Mpeg4Part::kSequence:
      if (part.size() <= kStartCode) return fail(ErrorCode::kMalformed, "mpeg4: object sequence");
      append(out, part.first(kStartCode + 1));
      return true;
    case Mpeg4Part::kVideoObject: append(out, part.first(kStartCode)); return true;
    case Mpeg4Part::kVisualObject: {
      TRY(const Buffer object, rebuild_visual_object(part));
      append(out, object);
      return true;
    }
    case Mpeg4Part::kVideoObjectLayer: {
      TRY(const Mpeg4Layer layer, rebuild_video_object_layer(part));
      append(out, layer.bytes);
      if (config != nullptr) {
        config->width = layer.width;
        config->height = layer.height;
      }
      return true;
    }
    default: return false;
  }
}

}  // namespace

Result<Mpeg4Config> rebuild_mpeg4_config(Bytes config) {
  Mpeg4Config rebuilt;
  Mpeg4Split split(config);
  Mpeg4Once once;
  while (const auto part = split.next()) {
    const Mpeg4Part kind = mpeg4_part((*part)[3]);
    if (kind == Mpeg4Part::kUserData) continue;
    TRY(const bool header, put_header(*part, rebuilt.bytes, &rebuilt));
    if (header && !once.take(kind)) return fail(ErrorCode::kMalformed, "mpeg4: a header twice");
    if (!header) break;  // the first VOP: some muxers copy the stream's start
  }
  if (!split.ok()) return fail(ErrorCode::kMalformed, "mpeg4: no start code");
  if (rebuilt.width == 0) return fail(ErrorCode::kNotFound, "mpeg4: no video object layer");
  return rebuilt;
}

Status Mpeg4Filter::group_of_vops(Bytes part, Buffer& out) {
  TRY(GroupOfVops group, parse_group_of_vops(part));
  if (!has_shift_) {
    shift_s_ = group.seconds - base_s_;
    has_shift_ = true;
  }
  // Over midnight the code starts anew; up to half a day back is taken for a step back, and the
  // time code of a clip's first pictures can't be before its start.
  std::int64_t since_start = (group.seconds - shift_s_) % kDaySeconds;
  if (since_start < 0) since_start += kDaySeconds;
  if (since_start > kDaySeconds / 2) since_start = 0;
  base_s_ = since_start;
  group.seconds = group_seconds_ = static_cast<std::uint32_t>(since_start);
  append(out, sudare::clip::group_of_vops(group));
  return Done{};
}

Status Mpeg4Filter::filter(Bytes sample, Buffer& out) {
  out.clear();
  group_seconds_ = 0;
  bool has_vop = false;
  Mpeg4Once once;
  Mpeg4Split split(sample);
  while (const auto part = split.next()) {
    const Mpeg4Part kind = mpeg4_part((*part)[3]);
    if (kind == Mpeg4Part::kUserData) continue;
    if (kind == Mpeg4Part::kSequenceEnd) break;
    // Two pictures in one sample ("packed bitstream") need the user data to be understood.
    if (has_vop) return fail(ErrorCode::kUnsupported, "mpeg4: a part behind the VOP of a sample");
    if (!once.take(kind)) return fail(ErrorCode::kMalformed, "mpeg4: a header twice");
    if (kind == Mpeg4Part::kVop) {
      TRY(const VopTime time, parse_vop_time(*part));
      if (!time.bidirectional) base_s_ += time.seconds;
      const Bytes vop = without_padding_behind(*part);
      if (vop.size() == kStartCode) return fail(ErrorCode::kMalformed, "mpeg4: empty VOP");
      append(out, vop);
      has_vop = true;
    } else if (kind == Mpeg4Part::kGroupOfVops) {
      TRY(group_of_vops(*part, out));
    } else {
      TRY(const bool header, put_header(*part, out, nullptr));
      if (!header) return fail(ErrorCode::kMalformed, "mpeg4: start code in a sample");
    }
  }
  if (!split.ok()) return fail(ErrorCode::kMalformed, "mpeg4: no start code");
  if (!has_vop) return fail(ErrorCode::kMalformed, "mpeg4: no VOP in a sample");
  return Done{};
}

}  // namespace sudare::clip
