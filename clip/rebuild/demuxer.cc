#include "clip/rebuild/demuxer.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "clip/rebuild/limits.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

constexpr std::int64_t kStepTicksMax = kStepSecondsMax * kTicksPerSecond;
// Time stamps beyond this (a million years) are no times, and sums of smaller ones don't overflow.
constexpr std::int64_t kTicksMax = std::int64_t{1} << 61;
// A demuxer that answers "again" this often in a row turns in circles.
constexpr int kTriesMax = 1'000'000;

const char* name_of(Container container) {
  switch (container) {
    case Container::kMov: return "mov";
    case Container::kMpegTs: return "mpegts";
    case Container::kAvi: return "avi";
    case Container::kNone: break;
  }
  return "";
}

// No file beside the clip, whatever it names.
int open_nothing(AVFormatContext* /*format*/, AVIOContext** /*io*/, const char* /*url*/,
                 int /*flags*/, AVDictionary** /*options*/) {
  return AVERROR(EACCES);
}

void set_options(Container container, AvOptions& options) {
  if (container != Container::kMov) return;
  // The default edit list loses frames of some recorders' clips; what an edit hides is not secret.
  options.set("ignore_editlist", 1);
  options.set("advanced_editlist", std::int64_t{0});
  options.set("ignore_chapters", 1);
  options.set("enable_drefs", std::int64_t{0});
  options.set("use_absolute_path", std::int64_t{0});
}

bool is_picture_track(const AVStream& stream) {
  constexpr int kStill = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS;
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (stream.disposition & kStill) == 0;
}

// Which of several cameras: one that is switched on, then the largest picture, then the longest.
auto rank(const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  return std::make_tuple(stream.disposition & AV_DISPOSITION_DEFAULT,
                         std::int64_t{parameters.width} * parameters.height,
                         avformat_index_get_entries_count(&stream));
}

bool is_encrypted(const AVStream& stream) {
  return stream.codecpar->codec_tag == MKTAG('e', 'n', 'c', 'v') ||
         av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr;
}

Buffer config_of(const AVCodecParameters& parameters) {
  const auto* data = parameters.extradata;
  return data == nullptr ? Buffer{} : Buffer(data, data + parameters.extradata_size);
}

// In ticks; AV_NOPTS_VALUE where there is none.
std::int64_t ticks_of(std::int64_t time, const AVStream& stream) {
  if (time == AV_NOPTS_VALUE) return AV_NOPTS_VALUE;
  const std::int64_t ticks = av_rescale_q(time, stream.time_base, AVRational{1, kTicksPerSecond});
  return ticks > kTicksMax || ticks < -kTicksMax ? AV_NOPTS_VALUE : ticks;
}

}  // namespace

Result<std::unique_ptr<Demuxer>> Demuxer::open(const ClipFile& file, const Sniffed& sniffed,
                                               bool with_sound) {
  std::unique_ptr<Demuxer> demuxer(new Demuxer());
  demuxer->packet_.reset(av_packet_alloc());
  demuxer->held_.reset(av_packet_alloc());
  if (!demuxer->packet_ || !demuxer->held_) return reject(Reason::kMemory, "demuxer: no memory");
  demuxer->truncated_ = sniffed.cut_off;
  // Nothing in MPEG-TS says how long a picture is: of the last one in a file that was cut off, only
  // a part may be there.
  demuxer->hold_last_ = sniffed.cut_off && sniffed.container == Container::kMpegTs;
  TRY(demuxer->open_input(file, sniffed.container));
  TRY(demuxer->pick_tracks(with_sound));
  return demuxer;
}

Demuxer::~Demuxer() { avformat_close_input(&format_); }

Status Demuxer::open_input(const ClipFile& file, Container container) {
  const AVInputFormat* const input = av_find_input_format(name_of(container));
  if (input == nullptr) return reject(Reason::kContainer, "demuxer: unknown container");
  TRY(reader_, ClipReader::make(file));
  format_ = avformat_alloc_context();
  if (format_ == nullptr) return reject(Reason::kMemory, "demuxer: no memory");
  format_->pb = reader_->io();
  format_->io_open = open_nothing;
  format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  // Samples of the other two are whole pictures with their times; those of MPEG-TS have to be put
  // together by a parser.
  if (container != Container::kMpegTs) {
    format_->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
  }
  format_->max_streams = kStreamsMax;
  format_->probesize = kProbeBytes;
  AvOptions options;
  set_options(container, options);
  // Frees format_ where it fails.
  const int opened = avformat_open_input(&format_, "", input, options.get());
  if (reader_->failed()) return reject(Reason::kInput, "demuxer: the clip can't be read");
  if (opened < 0) return reject_av(opened, Reason::kContainer, "demuxer: no such container");
  if (!options.used()) return fail(ErrorCode::kInternal, "demuxer: unknown option");
  return Done{};
}

Status Demuxer::pick_tracks(bool with_sound) {
  TRY(pick_video());
  if (with_sound) pick_sound();
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const int index = static_cast<int>(i);
    const bool picked = index == video_index_ || index == sound_index_;
    format_->streams[i]->discard = picked ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  return Done{};
}

Status Demuxer::pick_video() {
  const AVStream* best = nullptr;
  bool other_codec = false;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    if (!is_picture_track(stream)) continue;
    if (codec_of(stream.codecpar->codec_id) == Codec::kNone) {
      other_codec = true;
    } else if (best == nullptr || rank(stream) > rank(*best)) {
      best = &stream;
    }
  }
  if (best == nullptr && other_codec) return reject(Reason::kCodec, "demuxer: another codec");
  if (best == nullptr) return reject(Reason::kNoVideo, "demuxer: no video track");
  if (is_encrypted(*best)) return reject(Reason::kFeature, "demuxer: encrypted");
  const AVCodecParameters& parameters = *best->codecpar;
  if (parameters.width < 0 || parameters.width > static_cast<int>(kPictureWidthMax) ||
      parameters.height < 0 || parameters.height > static_cast<int>(kPictureHeightMax)) {
    return reject(Reason::kPictureSize, "demuxer: picture too large");
  }
  index_entries_ = avformat_index_get_entries_count(best);
  if (static_cast<std::uint64_t>(index_entries_) > kPicturesMax) {
    return reject(Reason::kPictureCount, "demuxer: too many pictures");
  }
  video_index_ = best->index;
  video_ = {codec_of(parameters.codec_id),
            config_of(parameters),
            {static_cast<std::uint32_t>(parameters.width),
             static_cast<std::uint32_t>(parameters.height)}};
  return Done{};
}

void Demuxer::pick_sound() {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    if (stream.codecpar->codec_id != AV_CODEC_ID_AAC) continue;
    sound_index_ = stream.index;
    sound_config_ = config_of(*stream.codecpar);
    return;
  }
}

Status Demuxer::check(const AVPacket& packet) const {
  if (packet.size < 0 || static_cast<std::size_t>(packet.size) > kPacketBytesMax) {
    return reject(Reason::kPacketBytes, "demuxer: a picture of too many bytes");
  }
  for (const AVPacketSideDataType type :
       {AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_DATA_PARAM_CHANGE, AV_PKT_DATA_ENCRYPTION_INFO}) {
    if (av_packet_get_side_data(&packet, type, nullptr) != nullptr) {
      return reject(Reason::kFeature, "demuxer: the codec's configuration changes, or encryption");
    }
  }
  return Done{};
}

Result<bool> Demuxer::read(AVPacket& packet) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    av_packet_unref(&packet);
    const int result = av_read_frame(format_, &packet);
    if (reader_->failed()) return reject(Reason::kInput, "demuxer: the clip can't be read");
    if (result == AVERROR(EAGAIN)) continue;
    if (result == AVERROR(ENOMEM)) return reject(Reason::kMemory, "demuxer: no memory");
    if (result < 0) {
      truncated_ = truncated_ || result != AVERROR_EOF ||
                   static_cast<std::int64_t>(pictures_) < index_entries_;
      return false;
    }
    const bool picked = packet.stream_index == video_index_ || packet.stream_index == sound_index_;
    if (!picked || packet.size == 0) continue;
    const bool video = packet.stream_index == video_index_;
    if (video && ++pictures_ > kPicturesMax) {
      return reject(Reason::kPictureCount, "demuxer: too many pictures");
    }
    if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0) {
      truncated_ = true;
      continue;
    }
    TRY(check(packet));
    return true;
  }
  return reject(Reason::kContainer, "demuxer: no end");
}

Result<std::optional<Sample>> Demuxer::next() {
  while (true) {
    TRY(const bool more, read(*packet_));
    if (!more) return std::optional<Sample>();  // what is held is not whole
    if (!hold_last_ || packet_->stream_index != video_index_) return sample_of(*packet_);
    std::swap(packet_, held_);
    if (std::exchange(holding_, true)) return sample_of(*packet_);
  }
}

Sample Demuxer::sample_of(const AVPacket& packet) {
  Sample sample;
  sample.data = Bytes(packet.data, static_cast<std::size_t>(packet.size));
  sample.key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  sample.sound = packet.stream_index != video_index_;
  set_times(packet, *format_->streams[packet.stream_index],
            sample.sound ? sound_times_ : video_times_, sample);
  return sample;
}

void Demuxer::set_times(const AVPacket& packet, const AVStream& stream, Times& times,
                        Sample& sample) const {
  std::int64_t dts = ticks_of(packet.dts, stream);
  std::int64_t pts = ticks_of(packet.pts, stream);
  const std::int64_t duration = ticks_of(packet.duration, stream);
  sample.duration = duration > 0 && duration < kStepTicksMax ? duration : times.step;
  if (dts == AV_NOPTS_VALUE) dts = pts != AV_NOPTS_VALUE && !times.started ? pts : dts;
  if (dts == AV_NOPTS_VALUE) {
    sample.dts = times.started ? times.last + std::max<std::int64_t>(times.step, 1) : 0;
    dts = sample.dts - times.shift;
  } else {
    sample.dts = dts + times.shift;
  }
  if (times.started) {
    const std::int64_t step = sample.dts - times.last;
    if (step > kStepTicksMax || step < -kTicksPerSecond) {
      sample.dts = times.last + std::max<std::int64_t>(times.step, 1);
      times.shift = sample.dts - dts;
    } else if (step <= 0) {
      sample.dts = times.last + 1;
    } else {
      times.step = step;
    }
  }
  sample.pts = pts == AV_NOPTS_VALUE ? sample.dts : std::max(pts + times.shift, sample.dts);
  // A picture is shown soon after it was decoded; what is not is no time.
  if (sample.pts - sample.dts > kStepTicksMax) sample.pts = sample.dts;
  times.last = sample.dts;
  times.started = true;
}

}  // namespace sudare::clip::rebuild
