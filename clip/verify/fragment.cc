#include "clip/verify/fragment.h"

#include <algorithm>

namespace sudare::clip {
namespace {

Finding box(Literal what, std::uint64_t offset) { return {Reason::kBox, what, offset}; }
Finding data(Literal what, std::uint64_t offset) { return {Reason::kSampleData, what, offset}; }

// Flags of tfhd (8.8.7): default-base-is-moof must be set; a base offset and "no duration" not.
constexpr std::uint32_t kBaseIsMoof = 0x020000;
constexpr std::uint32_t kHasEntry = 0x02;
constexpr std::uint32_t kHasDuration = 0x08;
constexpr std::uint32_t kHasSize = 0x10;
constexpr std::uint32_t kHasFlags = 0x20;
// Flags of trun (8.8.8).
constexpr std::uint32_t kRunOffset = 0x001;
constexpr std::uint32_t kRunFirstFlags = 0x004;
constexpr std::uint32_t kRunDuration = 0x100;
constexpr std::uint32_t kRunSize = 0x200;
constexpr std::uint32_t kRunFlags = 0x400;
constexpr std::uint32_t kRunComposition = 0x800;

// Takes numbers of 32 bits; too few make it fail for good.
class Words {
 public:
  explicit Words(Bytes bytes) : rest_(bytes) {}
  std::uint32_t next() {
    if (rest_.size() < 4) {
      ok_ = false;
      return 0;
    }
    const std::uint32_t word = be32(rest_, 0);
    rest_ = rest_.subspan(4);
    return word;
  }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

// is_leading, depends_on, …, padding 0, non-sync, degradation priority 0.
bool plain_flags(std::uint32_t flags) { return (flags & ~0x0FF10000U) == 0; }

std::uint64_t gap(const Track& track) { return kGapSecondsMax * track.timescale; }

std::uint64_t apart(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

Verdict FragmentReader::read(const Box& moof, const Movie& movie, Fragment& fragment) {
  fragment.samples.clear();
  fragment.runs.clear();
  BoxSplit boxes(moof);
  const auto header = boxes.next(box_type("mfhd"));
  if (!header || !matches(header->content, "00000000 ????????") ||
      be32(header->content, 4) != ++sequence_) {
    return box("moof: header", moof.offset);
  }
  std::size_t tracks = 0;
  while (const auto next = boxes.next(box_type("traf"))) {
    if (++tracks > movie.tracks.size()) return box("moof: number of tracks", next->offset);
    if (auto found = read_track_fragment(*next, movie, fragment)) return found;
  }
  if (tracks == 0 || !boxes.at_end()) return box("moof: a box that may not be there", moof.offset);
  std::sort(fragment.runs.begin(), fragment.runs.end(),
            [](const Run& a, const Run& b) { return a.begin < b.begin; });
  return {};
}

Verdict FragmentReader::check_cover(std::uint64_t offset, std::uint64_t moof_bytes,
                                    const Fragment& fragment, std::uint64_t mdat_bytes) {
  constexpr std::uint64_t kHeader = 8;
  const std::uint64_t begin = moof_bytes + kHeader;
  std::uint64_t at = begin;
  for (const Run& run : fragment.runs) {
    if (run.begin != at) return data("mdat: bytes of no sample, or of two", offset + at);
    at += run.bytes;
  }
  if (at - begin != mdat_bytes) return data("mdat: bytes of no sample", offset + at);
  return {};
}

Verdict FragmentReader::read_track_fragment(const Box& traf, const Movie& movie,
                                            Fragment& fragment) {
  BoxSplit boxes(traf);
  const auto header = boxes.next(box_type("tfhd"));
  if (!header) return box("moof: tfhd", traf.offset);
  Words words(header->content);
  const std::uint32_t flags = words.next();
  const std::uint32_t id = words.next();
  constexpr std::uint32_t kKnown = kBaseIsMoof | kHasEntry | kHasDuration | kHasSize | kHasFlags;
  if ((flags & ~kKnown) != 0 || (flags & kBaseIsMoof) == 0) return box("moof: tfhd", traf.offset);
  Defaults defaults;
  const std::uint32_t entry = (flags & kHasEntry) != 0 ? words.next() : 1;
  if ((flags & kHasDuration) != 0) defaults.duration = words.next();
  if ((flags & kHasSize) != 0) defaults.bytes = words.next();
  const std::uint32_t sample_flags = (flags & kHasFlags) != 0 ? words.next() : 0;
  if (!words.at_end() || entry != 1 || !plain_flags(sample_flags)) {
    return box("moof: tfhd", traf.offset);
  }
  const auto track = std::find_if(movie.tracks.begin(), movie.tracks.end(),
                                  [id](const Track& one) { return one.id == id; });
  if (track == movie.tracks.end()) return box("moof: track id", traf.offset);
  const auto index = static_cast<std::size_t>(track - movie.tracks.begin());
  for (const Run& run : fragment.runs) {
    if (run.track == index) return box("moof: a track twice", traf.offset);
  }

  const auto time = boxes.next(box_type("tfdt"));
  const bool wide = time && matches(time->content, "01000000 ???????? ????????");
  if (!wide && !(time && matches(time->content, "00000000 ????????"))) {
    return box("moof: tfdt", traf.offset);
  }
  const std::uint64_t begin = wide ? be64(time->content, 4) : be32(time->content, 4);
  if (apart(begin, ends_[index]) > gap(*track)) return box("moof: decode time", time->offset);
  ends_[index] = begin;

  std::size_t runs = 0;
  while (const auto next = boxes.next(box_type("trun"))) {
    ++runs;
    if (auto found = read_run(*next, *track, index, defaults, fragment)) return found;
  }
  if (runs == 0 || !boxes.at_end()) return box("moof: a box in a traf", traf.offset);
  return {};
}

Verdict FragmentReader::read_run(const Box& trun, const Track& track, std::size_t index,
                                 const Defaults& defaults, Fragment& fragment) {
  Words words(trun.content);
  const std::uint32_t version_and_flags = words.next();
  const std::uint32_t flags = version_and_flags & 0xFFFFFF;
  constexpr std::uint32_t kKnown =
      kRunOffset | kRunFirstFlags | kRunDuration | kRunSize | kRunFlags | kRunComposition;
  if (version_and_flags >> 24 > 1 || (flags & ~kKnown) != 0 || (flags & kRunOffset) == 0) {
    return box("moof: trun", trun.offset);
  }
  Run run;
  run.track = index;
  run.first = fragment.samples.size();
  run.count = words.next();
  run.begin = words.next();
  if (run.count == 0 || run.count > kFragmentSamplesMax - run.first) {
    return box("moof: number of samples", trun.offset);
  }
  if ((flags & kRunFirstFlags) != 0 && !plain_flags(words.next())) {
    return box("moof: trun", trun.offset);
  }
  for (std::size_t i = 0; i < run.count && words.ok(); ++i) {
    const std::uint32_t duration = (flags & kRunDuration) != 0 ? words.next() : defaults.duration;
    const std::uint32_t bytes = (flags & kRunSize) != 0 ? words.next() : defaults.bytes;
    const std::uint32_t sample_flags = (flags & kRunFlags) != 0 ? words.next() : 0;
    const auto composition =
        static_cast<std::int32_t>((flags & kRunComposition) != 0 ? words.next() : 0);
    const std::int64_t shift = composition;
    if (duration > gap(track) ||
        static_cast<std::uint64_t>(shift < 0 ? -shift : shift) > gap(track)) {
      return box("moof: time of a sample", trun.offset);
    }
    if (bytes == 0 || !plain_flags(sample_flags)) return box("moof: trun", trun.offset);
    fragment.samples.push_back({bytes, ends_[index]});
    ends_[index] += duration;
    run.bytes += bytes;
  }
  if (!words.at_end()) return box("moof: trun", trun.offset);
  if (track.video) {
    pictures_ += run.count;
    video_end_ = ends_[index];
    // One more than the rate allows: a stream begins and ends with a picture.
    const std::uint64_t most =
        video_end_ * kSketchPicturesPerSecondMax / track.timescale + kSketchPicturesPerSecondMax;
    if (rules_.profile == Profile::kSketch && pictures_ > most) {
      return Finding{Reason::kTrack, "moof: pictures a second of a sketch", trun.offset};
    }
  }
  fragment.runs.push_back(run);
  return {};
}

}  // namespace sudare::clip
