#include "clip/verify/verify.h"

#include <algorithm>
#include <array>
#include <memory>

#include "clip/verify/fragment.h"
#include "clip/verify/pass_on.h"
#include "clip/verify/sample_check.h"

namespace sudare::clip {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kFileTypeBytesMax = 64;

// Brands of ISO/IEC 14496-12 and -14 that libavformat writes into fragmented MP4.
bool plain_file_type(Bytes content) {
  if (content.size() < 8 || content.size() % 4 != 0) return false;
  constexpr std::array<std::uint32_t, 8> kBrands{
      box_type("isom"), box_type("iso2"), box_type("iso4"), box_type("iso5"),
      box_type("iso6"), box_type("mp41"), box_type("mp42"), box_type("avc1")};
  constexpr std::array<std::uint32_t, 3> kVersions{0, 1, 0x200};
  const auto in = [](const auto& list, std::uint32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  for (std::size_t at = 0; at < content.size(); at += 4) {
    if (at == 4 ? !in(kVersions, be32(content, at)) : !in(kBrands, be32(content, at))) return false;
  }
  return true;
}

// Not findings: the caller tells them apart by their reason.
Finding input_failed(std::uint64_t offset) { return {Reason::kInput, "verify: input", offset}; }
Finding output_failed(std::uint64_t offset) { return {Reason::kOutput, "verify: output", offset}; }
Finding not_a_box(Literal what, std::uint64_t offset) { return {Reason::kBox, what, offset}; }

class Verifier {
 public:
  Verifier(VerifySource& source, VerifySink& sink, const VerifyRules& rules)
      : source_(source), out_(sink), rules_(rules), fragments_(rules) {}

  Verdict run() {
    if (auto found = head()) return found;
    for (bool more = true; more;) {
      if (auto found = fragment(more)) return found;
    }
    if (fragments_.pictures() == 0) return Finding{Reason::kSampleData, "stream: no picture", at_};
    if (auto found = out_.finish()) return found;
    return out_.write_failed() ? Verdict(output_failed(at_)) : Verdict();
  }

  void fill(Report& report) const {
    report.bytes = out_.bytes();
    report.frames = fragments_.pictures();
    for (const Track& track : movie_.tracks) {
      report.sound = report.sound || !track.video;
      if (!track.video) continue;
      report.codec = track.codec;
      report.width = track.width;
      report.height = track.height;
      const std::uint64_t seconds = fragments_.duration() / track.timescale;
      const std::uint64_t rest = fragments_.duration() % track.timescale;
      report.window_ms = static_cast<std::int64_t>(seconds * 1000 + rest * 1000 / track.timescale);
    }
  }

 private:
  // Reads until `into` is full; fewer only at the end.
  Verdict read(std::span<std::uint8_t> into, std::size_t& got) {
    got = 0;
    while (got < into.size()) {
      const auto count = source_.read(into.subspan(got));
      if (!count) return input_failed(at_);
      if (*count == 0) break;
      got += *count;
    }
    return {};
  }

  // The header of the next box into box_; `size` is that of its content. 0 bytes at the end.
  Verdict read_header(bool& end, std::size_t& size) {
    box_.resize(kHeaderBytes);
    std::size_t got = 0;
    if (auto found = read(box_, got)) return found;
    end = got == 0;
    if (end) return {};
    if (got < kHeaderBytes) return not_a_box("stream: ends in a box's header", at_);
    const std::size_t whole = be32(box_, 0);
    if (whole < kHeaderBytes) return not_a_box("stream: size of a box", at_);
    size = whole - kHeaderBytes;
    return {};
  }

  // A whole box of this type, of at most `most` bytes of content, into box_.
  Verdict read_box(std::uint32_t type, std::size_t most, bool& end) {
    std::size_t size = 0;
    if (auto found = read_header(end, size)) return found;
    if (end) return {};
    if (be32(box_, 4) != type) return not_a_box("stream: a box that may not be there", at_);
    if (size > most) return not_a_box("stream: size of a box", at_);
    box_.resize(kHeaderBytes + size);
    std::size_t got = 0;
    if (auto found = read(std::span(box_).subspan(kHeaderBytes), got)) return found;
    return got == size ? Verdict() : Verdict(not_a_box("stream: ends inside a box", at_));
  }

  [[nodiscard]] Box whole_box() const {
    return {be32(box_, 4), Bytes(box_).subspan(kHeaderBytes), at_};
  }

  Verdict put(Bytes bytes) {
    if (auto found = out_.put(bytes)) return found;
    if (out_.write_failed()) return output_failed(at_);
    at_ += bytes.size();
    return {};
  }

  Verdict head() {
    bool end = false;
    if (auto found = read_box(box_type("ftyp"), kFileTypeBytesMax, end)) return found;
    if (end || !plain_file_type(whole_box().content)) return not_a_box("stream: file type", at_);
    if (auto found = put(box_)) return found;
    if (auto found = read_box(box_type("moov"), kMovieBytesMax, end)) return found;
    if (end) return not_a_box("stream: no movie box", at_);
    if (auto found = read_movie(whole_box(), rules_, movie_)) return found;
    for (const Track& track : movie_.tracks) {
      if (track.video) check_ = sample_check_for(track, rules_);
    }
    return put(box_);
  }

  // A moof and its mdat; `more` is false where the stream ended before it.
  Verdict fragment(bool& more) {
    bool end = false;
    if (auto found = read_box(box_type("moof"), kFragmentBoxBytesMax, end)) return found;
    more = !end;
    if (end) return {};
    if (auto found = fragments_.read(whole_box(), movie_, fragment_)) return found;
    if (auto found = put(box_)) return found;

    const std::size_t moof_bytes = box_.size();
    std::size_t size = 0;
    if (auto found = read_header(end, size)) return found;
    if (end || be32(box_, 4) != box_type("mdat")) return not_a_box("stream: no mdat", at_);
    if (auto found = FragmentReader::check_cover(at_ - moof_bytes, moof_bytes, fragment_, size)) {
      return found;
    }
    if (auto found = put(box_)) return found;
    return samples(size);
  }

  // The content of an mdat, in the order of its bytes.
  Verdict samples(std::size_t left) {
    run_ = 0;
    sample_ = 0;
    left_in_sample_ = 0;
    while (left > 0) {
      piece_.resize(std::min(left, kVerifyPieceBytes));
      std::size_t got = 0;
      if (auto found = read(piece_, got)) return found;
      if (got < piece_.size()) return not_a_box("stream: ends inside mdat", at_ + got);
      if (auto found = check(piece_)) return found;
      if (auto found = put(piece_)) return found;
      left -= got;
    }
    return {};
  }

  // Hands the bytes of one piece to the samples that they belong to.
  Verdict check(Bytes piece) {
    std::uint64_t offset = at_;
    while (!piece.empty()) {
      const Run& run = fragment_.runs[run_];
      const Track& track = movie_.tracks[run.track];
      const Sample& sample = fragment_.samples[run.first + sample_];
      if (left_in_sample_ == 0) {
        left_in_sample_ = sample.bytes;
        if (track.video) check_->begin(sample.bytes, sample.decode_time / track.timescale);
      }
      const std::size_t count = std::min<std::size_t>(left_in_sample_, piece.size());
      if (track.video) {
        if (auto found = check_->feed(piece.first(count), offset)) return found;
      }
      offset += count;
      piece = piece.subspan(count);
      left_in_sample_ -= static_cast<std::uint32_t>(count);
      if (left_in_sample_ > 0) continue;
      if (track.video) {
        if (auto found = check_->end(offset)) return found;
      }
      if (++sample_ == run.count) {
        sample_ = 0;
        ++run_;
      }
    }
    return {};
  }

  VerifySource& source_;
  PassOn out_;
  VerifyRules rules_;
  std::uint64_t at_ = 0;  // bytes that were put: the offset of what is read next
  Movie movie_;
  FragmentReader fragments_;
  Fragment fragment_;
  std::unique_ptr<SampleCheck> check_;
  Buffer box_;
  Buffer piece_;
  std::size_t run_ = 0;     // of fragment_.runs
  std::size_t sample_ = 0;  // of the run
  std::uint32_t left_in_sample_ = 0;
};

}  // namespace

Report verify_stream(VerifySource& source, VerifySink& sink, const VerifyRules& rules) {
  Verifier verifier(source, sink, rules);
  Report report;
  const Verdict found = verifier.run();
  verifier.fill(report);
  report.outcome = Outcome::kOk;
  if (!found) return report;
  const bool broken = found->reason == Reason::kInput || found->reason == Reason::kOutput;
  report.outcome = broken ? Outcome::kInternal : Outcome::kFindings;
  report.reason = found->reason;
  report.findings = broken ? 0 : 1;
  report.what = found->what;
  report.offset = found->offset;
  return report;
}

}  // namespace sudare::clip
