#include "clip/inspect/mp4_track.h"

#include "clip/inspect/names.h"
#include "clip/nal/access_unit.h"
#include "clip/nal/nal_split.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kVisualEntryBytes = 78;

NalForm form_of(unsigned length_bytes) {
  return length_bytes == 1   ? NalForm::kLength1
         : length_bytes == 2 ? NalForm::kLength2
                             : NalForm::kLength4;
}

void inspect_units(bool h265, NalForm form, Bytes sample, std::uint64_t offset,
                   const InspectPath& where, Findings& findings) {
  const NalCodec codec = h265 ? NalCodec::kH265 : NalCodec::kH264;
  NalSplit split(form, sample);
  while (const auto nal = split.next()) {
    if (!findings.part()) return;
    if (kind_of(codec, *nal) != NalKind::kSei) continue;
    inspect_sei(h265, *nal, offset + static_cast<std::uint64_t>(nal->data() - sample.data()), where,
                findings);
  }
}

// hvcC may carry SEI: x265 leaves its options there.
void inspect_hvcc(Bytes box, std::uint64_t offset, const InspectPath& where, Findings& findings) {
  constexpr std::size_t kHeader = 23;
  if (box.size() < kHeader) return;
  std::size_t at = kHeader;
  for (unsigned array = 0; array < box[22]; ++array) {
    if (box.size() - at < 3) return;
    const unsigned type = box[at] & 0x3FU;
    unsigned count = be16(box, at + 1);
    at += 3;
    for (; count > 0 && findings.part(); --count) {
      if (box.size() - at < 2 || box.size() - at - 2 < be16(box, at)) return;
      const std::size_t length = be16(box, at);
      const Bytes nal = box.subspan(at + 2, length);
      if (type == 39 || type == 40) inspect_sei(true, nal, offset + at + 2, where, findings);
      at += 2 + length;
    }
  }
}

void read_config(FileWindow& file, Range entry, SampleEntry& into, const InspectPath& where,
                 Findings& findings) {
  std::uint64_t at = entry.begin + 8 + kVisualEntryBytes;
  while (at + 8 <= entry.end && findings.part()) {
    const Bytes head = file.at(at, 8);
    if (head.size() < 8) return;
    const std::uint64_t size = be32(head, 0);
    const std::uint32_t type = be32(head, 4);
    if (size < 8 || size > entry.end - at) return;
    const Bytes content = file.at(
        at + 8, static_cast<std::size_t>(std::min<std::uint64_t>(size - 8, FileWindow::kMost)));
    if (type == four("avcC") && content.size() > 4) {
      into.h264 = true;
      into.length_bytes = (content[4] & 3U) + 1;
    } else if (type == four("hvcC") && content.size() > 21) {
      into.h265 = true;
      into.length_bytes = (content[21] & 3U) + 1;
      const Buffer copy(content.begin(), content.end());
      inspect_hvcc(copy, at + 8, where / "hvcC", findings);
    }
    at += size;
  }
}

void read_visual(FileWindow& file, Range entry, const InspectPath& where, Findings& findings) {
  const Bytes content = file.at(entry.begin + 8, kVisualEntryBytes);
  if (content.size() < kVisualEntryBytes) return;
  if (be32(content, 12) != 0) {
    findings.add("vendor", Tells::kDevice, where, entry.begin + 20, 4);
  }
  constexpr std::size_t kName = 42;
  if (std::any_of(content.begin() + kName, content.begin() + kName + 32,
                  [](std::uint8_t c) { return c > ' '; })) {
    findings.add("compressor-name", Tells::kDevice, where, entry.begin + 8 + kName, 32);
  }
}

}  // namespace

void Mp4Track::read_sizes(FileWindow& file, Range stsz) {
  const Bytes content = file.at(stsz.begin, 16);
  if (content.size() < 12 || stsz.size() < 12) return;
  first_bytes = be32(content, 4);
  if (first_bytes == 0 && content.size() == 16 && stsz.size() >= 16)
    first_bytes = be32(content, 12);
}

void Mp4Track::read_offsets(FileWindow& file, Range box, std::size_t entry_bytes) {
  const Bytes content = file.at(box.begin, 16);
  if (content.size() < 8 + entry_bytes || box.size() < 8 + entry_bytes) return;
  first_offset = entry_bytes == 4 ? be32(content, 8) : be64(content, 8);
}

SampleEntry inspect_sample_description(FileWindow& file, Range stsd, const InspectPath& where,
                                       Findings& findings) {
  SampleEntry last;
  std::uint64_t at = stsd.begin + 8;
  while (at + 16 <= stsd.end && findings.part()) {
    const Bytes head = file.at(at, 8);
    if (head.size() < 8) break;
    const std::uint64_t size = be32(head, 0);
    if (size < 16 || size > stsd.end - at) break;
    last = {};
    last.type = be32(head, 4);
    const Known data = known_data_track(last.type);
    if (data.name != Literal("other")) {
      findings.add(data.what, data.tells, where / data.name, at, size);
    } else if (size >= 8 + kVisualEntryBytes) {
      // Entries of sound are shorter, or have other things at these places that are zero.
      const Bytes version = file.at(at + 16, 2);
      const bool visual = version.size() == 2 && be16(version, 0) == 0;
      const Bytes resolution = file.at(at + 8 + 28, 4);
      if (visual && resolution.size() == 4 && be16(resolution, 2) == 0) {
        const Range entry{at, at + size};
        read_config(file, entry, last, where, findings);
        read_visual(file, entry, where, findings);
      }
    }
    at += size;
  }
  return last;
}

void inspect_first_sample(FileWindow& file, const Mp4Track& track, const InspectPath& where,
                          Findings& findings) {
  if (track.handler != four("vide") || track.first_offset == 0 || track.first_bytes == 0) return;
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(track.first_bytes, FileWindow::kMost));
  const Bytes read = file.at(track.first_offset, count);
  const Buffer sample(read.begin(), read.end());
  const InspectPath here = where / "first sample";
  if (sample.size() > 2 && be16(sample, 0) == 0xFFD8) {
    inspect_jpeg(file, {track.first_offset, track.first_offset + track.first_bytes}, here,
                 findings);
  } else if (track.entry.h264 || track.entry.h265) {
    inspect_units(track.entry.h265, form_of(track.entry.length_bytes), sample, track.first_offset,
                  here, findings);
  } else if (sample.size() > 4 && be32(sample, 0) >> 8 == 1) {
    // MPEG-4 part 2: user data, where encoders leave their name.
    for (std::size_t i = 0; i + 4 < sample.size(); ++i) {
      if (be32(sample, i) != 0x000001B2) continue;
      findings.add("user-data", Tells::kDevice, here, track.first_offset + i, 4);
      break;
    }
  }
}

}  // namespace sudare::clip
