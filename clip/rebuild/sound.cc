#include "clip/rebuild/sound.h"

#include <array>
#include <memory>
#include <utility>

#include "clip/rebuild/demuxer.h"

namespace sudare::clip::rebuild {
namespace {

// ISO/IEC 14496-3, table 1.18.
constexpr std::array<int, 13> kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                        22050, 16000, 12000, 11025, 8000,  7350};
constexpr unsigned kLowComplexity = 2;  // the profile that every recorder uses

struct Adts {
  unsigned object = 0;
  unsigned rate = 0;  // index
  unsigned channels = 0;
  std::size_t header_bytes = 0;
};

std::optional<Adts> adts_of(Bytes sample) {
  if (sample.size() < 9 || sample[0] != 0xFF || (sample[1] & 0xF6U) != 0xF0) return std::nullopt;
  Adts adts;
  adts.object = (sample[2] >> 6U) + 1;
  adts.rate = sample[2] >> 2U & 15U;
  adts.channels = (sample[2] & 1U) << 2U | sample[3] >> 6U;
  adts.header_bytes = (sample[1] & 1U) != 0 ? 7 : 9;
  const std::size_t frame =
      (sample[3] & 3U) << 11U | static_cast<unsigned>(sample[4]) << 3U | sample[5] >> 5U;
  const bool one_block = (sample[6] & 3U) == 0;
  const bool known = adts.rate < kRates.size() && adts.channels >= 1 && adts.channels <= 7;
  if (frame != sample.size() || !one_block || !known) return std::nullopt;
  return adts;
}

// AudioSpecificConfig (14496-3, 1.6.2.1): object type, rate, channels and three zero bits. Written
// anew: a source's may go on with anything.
SoundTrack track_of(unsigned rate, unsigned channels) {
  SoundTrack track;
  track.config = {static_cast<std::uint8_t>(kLowComplexity << 3U | rate >> 1U),
                  static_cast<std::uint8_t>((rate & 1U) << 7U | channels << 3U)};
  track.rate = kRates[rate];
  track.channels = channels == 7 ? 8 : static_cast<int>(channels);
  return track;
}

// From the container's configuration.
std::optional<SoundTrack> track_of(Bytes config) {
  if (config.size() < 2 || config[0] >> 3U != kLowComplexity) return std::nullopt;
  const unsigned rate = (config[0] & 7U) << 1U | config[1] >> 7U;
  const unsigned channels = config[1] >> 3U & 15U;
  if (rate >= kRates.size() || channels < 1 || channels > 7) return std::nullopt;
  return track_of(rate, channels);
}

}  // namespace

Sound::Sound(Bytes config) : with_headers_(config.empty()), track_(track_of(config)) {}

Bytes Sound::rebuild(Bytes sample) {
  if (!with_headers_) return track_ ? sample : Bytes();
  const std::optional<Adts> adts = adts_of(sample);
  if (!adts || adts->object != kLowComplexity) return {};
  if (!track_) track_ = track_of(adts->rate, adts->channels);
  return sample.subspan(adts->header_bytes);
}

Result<std::optional<Sound>> find_sound(const ClipFile& file, const Sniffed& sniffed) {
  // Sound and picture alternate every few samples.
  constexpr int kSamplesMax = 1000;
  TRY(const std::unique_ptr<Demuxer> demuxer, Demuxer::open(file, sniffed, true));
  if (!demuxer->sound_config()) return std::optional<Sound>();
  Sound sound(*demuxer->sound_config());
  for (int i = 0; i < kSamplesMax && !sound.track(); ++i) {
    TRY(const std::optional<Sample> sample, demuxer->next());
    if (!sample) break;
    if (sample->sound) sound.rebuild(sample->data);
  }
  return sound.track() ? std::optional<Sound>(std::move(sound)) : std::nullopt;
}

}  // namespace sudare::clip::rebuild
