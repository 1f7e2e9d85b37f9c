#include "clip/rebuild/minimize.h"

extern "C" {
#include <libavutil/log.h>
}

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "clip/rebuild/bitstream.h"
#include "clip/rebuild/clip_io.h"
#include "clip/rebuild/demuxer.h"
#include "clip/rebuild/limits.h"
#include "clip/rebuild/reject.h"
#include "clip/rebuild/sink.h"
#include "clip/rebuild/window.h"
#include "clip/time_limit.h"

namespace sudare::clip::rebuild {
namespace {

// Pictures at which decoding should have been able to start and was not. A clip with a damaged
// beginning has some; one in which nothing can be decoded must not cost a decoder for each.
constexpr int kStartsMax = 256;

// libav writes names and values of the clip into its messages.
void say_nothing(void* /*context*/, int /*level*/, const char* /*format*/, va_list /*values*/) {}

// The way of one clip: demuxer → window → bitstream → sink.
class Minimizer {
 public:
  Minimizer(Demuxer& demuxer, Bitstream& stream, WindowStart start, WindowEnd end, Sink& sink)
      : demuxer_(&demuxer), stream_(&stream), start_(start), end_(std::move(end)), sink_(&sink) {}

  // Until the window or the clip ends; truncated where the clip ended in the middle of something.
  Result<bool> run() {
    std::uint64_t number = 0;
    while (true) {
      TRY(const std::optional<Sample> sample, demuxer_->next());
      if (!sample) return demuxer_->truncated();
      if (sample->sound) {
        TRY(sink_->take_sound(*sample));
        continue;
      }
      if (number++ < start_.sample) {
        stream_->learn(sample->data);  // some say it only once, at the beginning
        continue;
      }
      if (end_.over(*sample)) return false;
      if (started_ && end_.wait(*sample)) continue;
      for (WindowEnd::Waiting& waiting : end_.take_waiting()) {
        waiting.sample.data = waiting.data;
        TRY(give(waiting.sample));
      }
      TRY(give(*sample));
    }
  }

 private:
  Status give(const Sample& sample) {
    if (!started_ && !field_) stream_->start_anew();
    const auto picture = stream_->rebuild(sample.data);
    if (!started_) return picture && !picture->data.empty() ? try_start(*picture, sample) : Done{};
    if (!picture) return sink_->miss(picture.error());
    return take(*picture, sample);
  }

  Status take(const Picture& picture, const Sample& sample) {
    if (picture.data.empty() || sample.pts < first_pts_) return Done{};
    return sink_->take(picture, sample);
  }

  // The output starts at the first picture that decodes by itself. It may be a field that needs the
  // other one, in the sample that follows.
  Status try_start(const Picture& picture, const Sample& sample) {
    const std::optional<WindowEnd::Waiting> field = std::exchange(field_, std::nullopt);
    if (field) {
      const std::array<Bytes, 2> both{field->data, picture.data};
      TRY(start(both, field_closed_, field->sample));
      if (started_) {
        TRY(take({field->data, true, field_closed_}, field->sample));
        return take(picture, sample);
      }
    }
    if (!sample.key && !picture.entry) return Done{};
    TRY(start(std::span(&picture.data, 1), picture.closed, sample));
    if (started_) return take(picture, sample);
    field_.emplace();
    field_->data.assign(picture.data.begin(), picture.data.end());
    field_->sample = sample;
    field_closed_ = picture.closed;
    return Done{};
  }

  Status start(std::span<const Bytes> pictures, bool closed, const Sample& first) {
    if (++starts_ > kStartsMax) return reject(Reason::kNoFrame, "minimize: nothing decodes");
    TRY(const std::optional<PictureSize> size, start_at(*stream_, pictures));
    if (!size) return Done{};
    TRY(sink_->start(*size, first));
    // In an open group, pictures before the first one in showing order refer to what was left out.
    first_pts_ = closed ? std::numeric_limits<std::int64_t>::min() : first.pts;
    started_ = true;
    return Done{};
  }

  Demuxer* demuxer_;
  Bitstream* stream_;
  WindowStart start_;
  WindowEnd end_;
  Sink* sink_;
  bool started_ = false;
  int starts_ = 0;
  std::optional<WindowEnd::Waiting> field_;  // rebuilt
  bool field_closed_ = false;
  std::int64_t first_pts_ = 0;
};

Result<Report> rebuild_clip(const Options& options, const ClipFile& file, Report& so_far) {
  const Sniffed sniffed = sniff(file);
  if (sniffed.container == Container::kNone) {
    return reject(Reason::kContainer, "minimize: no container that is handled");
  }
  WindowStart start;
  Span span;
  std::optional<std::int64_t> to;
  if (options.window) {
    TRY(start, find_start(file, sniffed, *options.window));
    to = start.to;
    span.to = start.to;
    // The pictures from the key picture to the window's start serve decoding only.
    if (options.profile == Profile::kSketch) span.from = start.from;
  }
  std::optional<Sound> sound;
  if (options.sound) {
    TRY(sound, find_sound(file, sniffed));
  }
  TRY(const std::unique_ptr<Demuxer> demuxer, Demuxer::open(file, sniffed, sound.has_value()));
  const VideoTrack& video = demuxer->video();
  so_far.codec = video.codec;
  TRY(Bitstream stream, Bitstream::open(video.codec, video.config, video.size));
  TRY(const std::unique_ptr<ClipWriter> writer, ClipWriter::make());
  const std::unique_ptr<Sink> sink =
      options.profile == Profile::kSketch
          ? sketch(stream, options.fill, span, *writer)
          : original_picture(stream, std::move(sound), span, *writer);
  Minimizer minimizer(*demuxer, stream, start, WindowEnd(to), *sink);
  TRY(const bool truncated, minimizer.run());
  TRY(sink->finish());
  Report report = sink->report();
  if (report.frames == 0) return reject(Reason::kNoFrame, "minimize: no picture in the window");
  report.codec = so_far.codec;
  report.truncated = truncated;
  report.bytes = writer->bytes();
  return report;
}

bool is_ours(Reason reason) {
  return reason == Reason::kOutput || reason == Reason::kLibrary || reason == Reason::kInput;
}

}  // namespace

SandboxLimits minimize_limits(const Options& options, const ClipFile& file) {
  const bool sketch = options.profile == Profile::kSketch;
  return {SandboxInput::kFile, sketch ? kSketchMemoryBytes : kRebuildMemoryBytes,
          cpu_seconds_max(options, static_cast<std::uint64_t>(file.bytes()))};
}

Report minimize(const Options& options, const ClipFile& file) {
  av_log_set_callback(say_nothing);
  Report report;
  const auto rebuilt = rebuild_clip(options, file, report);
  if (rebuilt) {
    report = *rebuilt;
    report.outcome = Outcome::kOk;
    return report;
  }
  report.reason = reason_of(rebuilt.error());
  report.outcome = is_ours(report.reason) ? Outcome::kInternal : Outcome::kRejected;
  return report;
}

}  // namespace sudare::clip::rebuild
