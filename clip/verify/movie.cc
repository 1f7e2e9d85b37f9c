#include "clip/verify/movie.h"

#include <array>

namespace sudare::clip {
namespace {

Finding box(Literal what, std::uint64_t offset) { return {Reason::kBox, what, offset}; }
Finding track_finding(Literal what, std::uint64_t offset) { return {Reason::kTrack, what, offset}; }

// The next box must have this type and match this pattern.
struct Wanted {
  std::uint32_t type;
  std::string_view pattern;
  Literal what;
};
Verdict take(BoxSplit& boxes, const Wanted& wanted, std::uint64_t offset, Box* taken = nullptr) {
  const auto next = boxes.next(wanted.type);
  if (!next) return box(wanted.what, offset);
  if (!matches(next->content, wanted.pattern)) return box(wanted.what, next->offset);
  if (taken != nullptr) *taken = *next;
  return {};
}

// Times 0, duration 0 (fragments tell it), rate 1, volume 1, unity matrix.
constexpr std::string_view kMovieHeader =
    "00000000 00000000 00000000 ???????? 00000000 00010000 0100 0000 0000000000000000"
    "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000"
    "000000000000000000000000000000000000000000000000 000000??";
constexpr std::string_view kTrackHeader =
    "000000?? 00000000 00000000 000000?? 00000000 00000000 0000000000000000 0000 00?? ??00 0000"
    "???????? ???????? 00000000 ???????? ???????? 00000000 ????0000 ????0000 40000000"
    "????0000 ????0000";
// Language "und".
constexpr std::string_view kMediaHeader = "00000000 00000000 00000000 ???????? 00000000 55C4 0000";
// Data in this file: "url " with flag 1 and no name.
constexpr std::string_view kDataInformation =
    "0000001C 64726566 00000000 00000001 0000000C 75726C20 00000001";
constexpr std::string_view kNoEntries = "00000000 00000000";
constexpr std::string_view kNoSizes = "00000000 00000000 00000000";

// A turn by quarters, perhaps mirrored: what is left of a matrix when it may say nothing else.
bool is_turn(Bytes header) {
  constexpr std::size_t kMatrix = 40;
  for (const std::size_t entry : {0U, 1U, 3U, 4U}) {
    const std::uint32_t value = be32(header, kMatrix + entry * 4);
    if (value != 0 && value != 0x00010000 && value != 0xFFFF0000) return false;
  }
  return true;
}

Verdict read_handler(const Box& handler, Track& track) {
  constexpr std::size_t kFixed = 24;
  if (handler.content.size() < kFixed) return box("moov: handler", handler.offset);
  const std::uint32_t type = be32(handler.content, 8);
  if (type == box_type("vide")) {
    track.video = true;
  } else if (type != box_type("soun")) {
    return track_finding("moov: a track of another kind", handler.offset);
  }
  const bool fixed =
      matches(handler.content.first(kFixed), "00000000 00000000 ???????? 000000000000000000000000");
  const Bytes name = handler.content.subspan(kFixed);
  // Empty, or libavformat's constants.
  const bool known = name.empty() || matches(name, "00") ||
                     matches(name, "566964656F48616E646C657200") ||
                     matches(name, "536F756E6448616E646C657200");
  if (!fixed || !known) return track_finding("moov: name of a handler", handler.offset);
  return {};
}

Verdict read_sample_table(const Box& table, const VerifyRules& rules, Track& track) {
  BoxSplit boxes(table);
  const auto description = boxes.next(box_type("stsd"));
  if (!description || description->content.size() < 8 ||
      !matches(description->content.first(8), "00000000 00000001")) {
    return box("moov: sample description", table.offset);
  }
  BoxSplit entries(description->content.subspan(8), description->content_offset() + 8);
  const auto entry = entries.next();
  if (!entry || !entries.at_end()) return box("moov: sample entries", description->offset);
  if (auto found = read_sample_entry(*entry, rules, track)) return found;
  constexpr std::array<Wanted, 4> kEmpty{{{box_type("stts"), kNoEntries, "moov: stts"},
                                          {box_type("stsc"), kNoEntries, "moov: stsc"},
                                          {box_type("stsz"), kNoSizes, "moov: stsz"},
                                          {box_type("stco"), kNoEntries, "moov: stco"}}};
  for (const Wanted& wanted : kEmpty) {
    if (auto found = take(boxes, wanted, table.offset)) return found;
  }
  if (!boxes.at_end()) return box("moov: a box in the sample table", table.offset);
  return {};
}

Verdict read_media_information(const Box& information, const VerifyRules& rules, Track& track) {
  BoxSplit boxes(information);
  const Wanted header = track.video
                            ? Wanted{box_type("vmhd"), "00000001 0000 000000000000", "moov: vmhd"}
                            : Wanted{box_type("smhd"), "00000000 0000 0000", "moov: smhd"};
  if (auto found = take(boxes, header, information.offset)) return found;
  const auto data = boxes.next(box_type("dinf"));
  if (!data || !matches(data->content, kDataInformation)) {
    return box("moov: dinf", information.offset);
  }
  const auto table = boxes.next(box_type("stbl"));
  if (!table || !boxes.at_end()) return box("moov: media information", information.offset);
  return read_sample_table(*table, rules, track);
}

Verdict read_media(const Box& media, const VerifyRules& rules, Track& track) {
  BoxSplit boxes(media);
  Box header;
  const Wanted wanted{box_type("mdhd"), kMediaHeader, "moov: media header"};
  if (auto found = take(boxes, wanted, media.offset, &header)) return found;
  track.timescale = be32(header.content, 12);
  if (track.timescale == 0) return box("moov: time scale", header.offset);
  const auto handler = boxes.next(box_type("hdlr"));
  if (!handler) return box("moov: handler", media.offset);
  if (auto found = read_handler(*handler, track)) return found;
  const auto information = boxes.next(box_type("minf"));
  if (!information || !boxes.at_end()) return box("moov: a box in a media box", media.offset);
  return read_media_information(*information, rules, track);
}

Verdict read_track(const Box& box_of_track, const VerifyRules& rules, Movie& movie) {
  BoxSplit boxes(box_of_track);
  Box header;
  const Wanted wanted{box_type("tkhd"), kTrackHeader, "moov: track header"};
  if (auto found = take(boxes, wanted, box_of_track.offset, &header)) return found;
  if (header.content[3] > 7 || header.content[35] > 1 || header.content[36] > 1 ||
      !is_turn(header.content)) {
    return box("moov: track header", header.offset);
  }
  const auto media = boxes.next(box_type("mdia"));
  if (!media || !boxes.at_end()) return box("moov: a box in a track", box_of_track.offset);
  Track track;
  track.id = be32(header.content, 12);
  if (auto found = read_media(*media, rules, track)) return found;
  for (const Track& other : movie.tracks) {
    if (other.id == track.id || other.video == track.video) {
      return track_finding("moov: a second track of a kind", box_of_track.offset);
    }
  }
  if (track.id == 0) return track_finding("moov: track id", box_of_track.offset);
  if (!track.video && !rules.sound) {
    return track_finding("moov: sound is not allowed", box_of_track.offset);
  }
  movie.tracks.push_back(track);
  return {};
}

}  // namespace

Verdict read_movie(const Box& moov, const VerifyRules& rules, Movie& movie) {
  BoxSplit boxes(moov);
  const Wanted header{box_type("mvhd"), kMovieHeader, "moov: movie header"};
  if (auto found = take(boxes, header, moov.offset)) return found;
  while (const auto next = boxes.next(box_type("trak"))) {
    if (auto found = read_track(*next, rules, movie)) return found;
  }
  const auto extends = boxes.next(box_type("mvex"));
  if (!extends || !boxes.at_end()) return box("moov: a box that may not be there", moov.offset);
  bool video = false;
  for (const Track& track : movie.tracks) video = video || track.video;
  if (!video) return track_finding("moov: no video track", moov.offset);
  BoxSplit defaults(*extends);
  for (std::size_t i = 0; i < movie.tracks.size(); ++i) {
    const Wanted wanted{box_type("trex"), "00000000 000000?? 00000001 00000000 00000000 00000000",
                        "moov: trex"};
    Box taken;
    if (auto found = take(defaults, wanted, extends->offset, &taken)) return found;
    if (be32(taken.content, 4) != movie.tracks[i].id) return box("moov: trex", taken.offset);
  }
  if (!defaults.at_end()) return box("moov: a box in mvex", extends->offset);
  return {};
}

}  // namespace sudare::clip
