#include "clip/rebuild/window.h"

#include <algorithm>
#include <utility>

#include "clip/rebuild/bitstream.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

constexpr std::int64_t kTicksPerMs = kTicksPerSecond / 1000;

// H.264 and H.265 reorder 16 pictures at most; more waiting ones have times that mean nothing.
constexpr std::size_t kWaitingMax = 32;

// The sample's place is remembered where decoding can start there by its own bits; and, for the
// clips whose bits don't tell, where the container says so.
struct Candidates {
  std::optional<std::uint64_t> by_bits;
  std::optional<std::uint64_t> by_container;

  [[nodiscard]] bool found() const { return by_bits || by_container; }
  [[nodiscard]] std::uint64_t best() const { return by_bits ? *by_bits : by_container.value_or(0); }
};

void consider(Bitstream* stream, const Sample& sample, std::uint64_t number, Candidates& found) {
  if (!sample.key) return;
  found.by_container = number;
  if (stream == nullptr) return;
  const auto picture = stream->rebuild(sample.data);
  if (picture && picture->entry) found.by_bits = number;
}

}  // namespace

Result<WindowStart> find_start(const ClipFile& file, const Sniffed& sniffed, const Window& window) {
  TRY(const std::unique_ptr<Demuxer> demuxer, Demuxer::open(file, sniffed, false));
  const VideoTrack& video = demuxer->video();
  auto stream = Bitstream::open(video.codec, video.config, video.size);
  WindowStart start;
  Candidates found;
  std::int64_t end = 0;
  for (std::uint64_t number = 0;; ++number) {
    TRY(const std::optional<Sample> sample, demuxer->next());
    if (!sample) {
      if (end <= start.from) return reject(Reason::kNoFrame, "window: behind the clip's end");
      break;
    }
    end = std::max(end, sample->pts + sample->duration);
    if (number == 0) {
      start.from = sample->pts + window.from_ms * kTicksPerMs;
      start.to = sample->pts + window.to_ms * kTicksPerMs;
    }
    // Decoding order is close to showing order: nothing after this is shown before.
    if (sample->dts > start.from && found.found()) break;
    if (sample->pts <= start.from || !found.found()) {
      consider(stream ? &*stream : nullptr, *sample, number, found);
    }
  }
  start.sample = found.best();
  return start;
}

bool WindowEnd::wait(const Sample& sample) {
  if (!to_ || sample.pts <= *to_) return false;
  Waiting& waiting = waiting_.emplace_back();
  waiting.data.assign(sample.data.begin(), sample.data.end());
  waiting.sample = sample;
  waiting.sample.data = {};
  return true;
}

std::vector<WindowEnd::Waiting> WindowEnd::take_waiting() { return std::exchange(waiting_, {}); }

bool WindowEnd::over(const Sample& sample) const {
  return to_ && (sample.dts > *to_ || waiting_.size() >= kWaitingMax);
}

}  // namespace sudare::clip::rebuild
