// The video data of one track, rebuilt by clip/nal: the decoder configuration and each sample. The
// only way from a sample of the source to a decoder or to the output.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "clip/nal/access_unit.h"
#include "clip/nal/bytes.h"
#include "clip/nal/mpeg4.h"
#include "clip/nal/parameter_set_store.h"
#include "clip/report.h"

namespace sudare::clip::rebuild {

struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

// A sample without anything that may not leave.
struct Picture {
  Bytes data;                       // until the next call; empty: there was no picture in it
  bool entry = false;               // decoding can start here
  bool closed = false;              // … and nothing that follows refers to what is before
  std::uint32_t group_seconds = 0;  // MPEG-4: Mpeg4Filter::group_seconds()
};

// One thread. Samples in decoding order.
class Bitstream {
 public:
  // `config`: the container's, may be empty. `size`: the container's, or 0 × 0. kCodec for those
  // that have no rebuilt form (H.263), kBitstream, kFeature.
  static Result<Bitstream> open(Codec codec, Bytes config, PictureSize size);

  // The configuration is known: from the container, or from the first sample that held it. Until
  // then rebuild() gives empty pictures.
  [[nodiscard]] bool configured() const { return configured_; }
  [[nodiscard]] const Buffer& config() const { return config_; }
  // As the container says: some encoders leave the cropping of the last row of blocks to it.
  [[nodiscard]] PictureSize container_size() const { return size_; }
  [[nodiscard]] Codec codec() const { return codec_; }

  // Of a sample that is left out: its configuration, where none is known yet.
  void learn(Bytes sample);
  // What was rebuilt so far is not in the output: parameter sets in it can't be named by what
  // follows, and time codes count from what follows.
  void start_anew() {
    sets_ = configured_sets_;
    mpeg4_ = {};
  }
  // kBitstream where it does not follow its format.
  Result<Picture> rebuild(Bytes sample);

 private:
  Bitstream(Codec codec, PictureSize size) : codec_(codec), size_(size) {}
  Status configure(Bytes config);
  Result<Picture> rebuild_nal(Bytes sample);
  Result<Picture> rebuild_mpeg4(Bytes sample);

  Codec codec_;
  PictureSize size_;
  bool configured_ = false;
  Buffer config_;
  NalForm form_ = NalForm::kAnnexB;
  ParameterSetStore configured_sets_;
  ParameterSetStore sets_;  // … and those of the samples since
  Mpeg4Filter mpeg4_;
  Buffer out_;
};

}  // namespace sudare::clip::rebuild
