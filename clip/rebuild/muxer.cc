#include "clip/rebuild/muxer.h"

#include <algorithm>
#include <string_view>

#include "clip/rebuild/limits.h"
#include "clip/rebuild/reject.h"

namespace sudare::clip::rebuild {
namespace {

void set_options(AvOptions& options) {
  // empty_moov: the header goes out first. Fragments end before key pictures and at a size, so that
  // memory is bounded whatever the clip's length. skip_trailer: no index at the end.
  options.set("movflags", "+empty_moov+frag_keyframe+default_base_moof+skip_trailer+disable_chpl");
  options.set("frag_size", static_cast<std::int64_t>(kFragmentBytesMax));
  options.set("video_track_timescale", kTicksPerSecond);
  options.set("use_editlist", std::int64_t{0});
  options.set("write_tmcd", std::int64_t{0});
  options.set("write_btrt", std::int64_t{0});
  options.set("empty_hdlr_name", 1);
}

bool is_box(Bytes at, std::string_view type) {
  return at.size() >= 8 && std::equal(type.begin(), type.end(), at.begin() + 4) &&
         be32(at, 0) >= 8 && be32(at, 0) <= at.size();
}

// `header` (ftyp and moov) without the movie's udta; empty where it is not made like that.
Buffer without_user_data(Bytes header) {
  if (!is_box(header, "ftyp")) return {};
  const std::size_t moov = be32(header, 0);
  if (!is_box(header.subspan(moov), "moov") || be32(header, moov) != header.size() - moov) {
    return {};
  }
  Buffer lean;
  append(lean, header.first(moov + 8));
  Bytes left = header.subspan(moov + 8);
  while (!left.empty()) {
    if (left.size() < 8 || be32(left, 0) < 8 || be32(left, 0) > left.size()) return {};
    const Bytes box = left.first(be32(left, 0));
    if (!is_box(box, "udta")) append(lean, box);
    left = left.subspan(box.size());
  }
  Buffer size;
  put32(size, lean.size() - moov);
  std::copy(size.begin(), size.end(), lean.begin() + static_cast<std::ptrdiff_t>(moov));
  return lean;
}

}  // namespace

Result<std::unique_ptr<Muxer>> Muxer::open(const MuxedVideo& video,
                                           const std::optional<SoundTrack>& sound,
                                           ClipWriter& writer) {
  std::unique_ptr<Muxer> muxer(new Muxer(writer));
  muxer->packet_.reset(av_packet_alloc());
  if (!muxer->packet_ ||
      avformat_alloc_output_context2(&muxer->format_, nullptr, "mp4", nullptr) < 0) {
    return reject(Reason::kMemory, "muxer: no memory");
  }
  AVFormatContext& format = *muxer->format_;
  format.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  format.avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;  // they are right already
  TRY(muxer->add_video(video));
  if (sound) {
    TRY(muxer->add_sound(*sound));
  }
  TRY(muxer->write_header());
  return muxer;
}

// Into memory first: libavformat writes an empty iTunes metadata box into every MP4, whatever it is
// asked. Nothing in the fragments refers to the header's place.
Status Muxer::write_header() {
  AvOptions options;
  set_options(options);
  if (avio_open_dyn_buf(&format_->pb) < 0) return reject(Reason::kMemory, "muxer: no memory");
  const int written = avformat_write_header(format_, options.get());
  std::uint8_t* header = nullptr;
  const int bytes = avio_close_dyn_buf(format_->pb, &header);
  format_->pb = writer_->io();
  const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(header, av_free);
  TRY(checked(written, "muxer: no header"));
  if (!options.used()) return fail(ErrorCode::kInternal, "muxer: unknown option");
  const Buffer lean = without_user_data({header, static_cast<std::size_t>(bytes)});
  if (lean.empty()) return fail(ErrorCode::kInternal, "muxer: a header of another form");
  avio_write(format_->pb, lean.data(), static_cast<int>(lean.size()));
  return Done{};
}

Muxer::~Muxer() { avformat_free_context(format_); }

Status Muxer::add_video(const MuxedVideo& video) {
  AVStream* const stream = avformat_new_stream(format_, nullptr);
  if (stream == nullptr) return reject(Reason::kMemory, "muxer: no memory");
  stream->time_base = {1, kTicksPerSecond};
  AVCodecParameters& parameters = *stream->codecpar;
  parameters.codec_type = AVMEDIA_TYPE_VIDEO;
  parameters.codec_id = id_of(video.codec);
  // Parameter sets are in the configuration; players of Apple's take no other tag.
  if (video.codec == Codec::kH265) parameters.codec_tag = MKTAG('h', 'v', 'c', '1');
  parameters.width = static_cast<int>(video.width);
  parameters.height = static_cast<int>(video.height);
  if (!set_extradata(parameters, video.config)) {
    return reject(Reason::kMemory, "muxer: no memory");
  }
  return Done{};
}

Status Muxer::add_sound(const SoundTrack& sound) {
  AVStream* const stream = avformat_new_stream(format_, nullptr);
  if (stream == nullptr) return reject(Reason::kMemory, "muxer: no memory");
  stream->time_base = {1, sound.rate};
  AVCodecParameters& parameters = *stream->codecpar;
  parameters.codec_type = AVMEDIA_TYPE_AUDIO;
  parameters.codec_id = AV_CODEC_ID_AAC;
  parameters.sample_rate = sound.rate;
  parameters.frame_size = 1024;  // ISO/IEC 14496-3, 4.5.1.1
  av_channel_layout_default(&parameters.ch_layout, sound.channels);
  if (!set_extradata(parameters, sound.config)) {
    return reject(Reason::kMemory, "muxer: no memory");
  }
  return Done{};
}

Status Muxer::write(int track, const MuxedSample& sample) {
  av_packet_unref(packet_.get());
  // Not reference-counted: the muxer copies it into its fragment.
  packet_->data = const_cast<std::uint8_t*>(sample.data.data());
  packet_->size = static_cast<int>(sample.data.size());
  packet_->dts = sample.dts;
  packet_->pts = sample.pts;
  packet_->duration = sample.duration;
  packet_->stream_index = track;
  packet_->flags = sample.key ? AV_PKT_FLAG_KEY : 0;
  const AVRational base = track == 0
                              ? AVRational{1, kTicksPerSecond}
                              : AVRational{1, format_->streams[track]->codecpar->sample_rate};
  av_packet_rescale_ts(packet_.get(), base, format_->streams[track]->time_base);
  return checked(av_write_frame(format_, packet_.get()), "muxer: a sample is refused");
}

Status Muxer::finish() {
  TRY(checked(av_write_trailer(format_), "muxer: no end"));
  avio_flush(format_->pb);
  return checked(format_->pb->error, "muxer: no end");
}

Status Muxer::checked(int result, Literal what) const {
  if (writer_->failed()) return reject(Reason::kOutput, "muxer: nobody takes the output");
  if (result < 0) return reject_av(result, Reason::kLibrary, what);
  return Done{};
}

}  // namespace sudare::clip::rebuild
