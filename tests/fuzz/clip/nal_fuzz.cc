// Any bytes as a sample or a decoder configuration. The first byte says of what; then: what is
// rebuilt comes out the same when it is rebuilt again, and verify's checks, which read it in
// pieces, take it.
#include <cstdint>
#include <cstdlib>

#include "clip/nal/access_unit.h"
#include "clip/nal/decoder_config.h"
#include "clip/nal/mjpeg.h"
#include "clip/nal/mpeg4.h"
#include "clip/verify/sample_check.h"

namespace sudare::clip {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(SampleCheck& checker, Bytes sample, std::size_t piece) {
  checker.begin(static_cast<std::uint32_t>(sample.size()), 24 * 60 * 60);
  for (std::size_t at = 0; at < sample.size(); at += piece) {
    require(!checker.feed(sample.subspan(at, std::min(piece, sample.size() - at)), at));
  }
  require(!checker.end(sample.size()));
}

void access_unit(NalCodec codec, NalForm form, Bytes sample) {
  Buffer out;
  ParameterSetStore sets;
  const auto counts = filter_access_unit(codec, form, sample, sets, out);
  if (!counts) return;
  Buffer again;
  ParameterSetStore sets_again;
  require(filter_access_unit(codec, NalForm::kLength4, out, sets_again, again).has_value() &&
          again == out);
  if (counts->pictures == 0) return;
  for (const std::size_t piece : {1U, 5U, 4096U}) {
    const auto checker =
        nal_sample_check(codec == NalCodec::kH264 ? Codec::kH264 : Codec::kH265, {});
    check(*checker, out, piece);
  }
}

void config(NalCodec codec, Bytes extradata) {
  const auto rebuilt = rebuild_nal_config(codec, extradata);
  if (!rebuilt) return;
  const auto again = rebuild_nal_config(codec, rebuilt->bytes);
  require(again.has_value() && again->bytes == rebuilt->bytes);
}

void mpeg4(Bytes sample) {
  Mpeg4Filter filter;
  Buffer out;
  if (!filter.filter(sample, out)) return;
  require(out.size() <= sample.size() + 8);  // headers that ended without stuffing get some
  const auto checker = mpeg4_sample_check(false);
  for (const std::size_t piece : {1U, 5U, 4096U}) check(*checker, out, piece);
}

void mpeg4_config(Bytes bytes) {
  const auto rebuilt = rebuild_mpeg4_config(bytes);
  if (!rebuilt) return;
  const auto again = rebuild_mpeg4_config(rebuilt->bytes);
  require(again.has_value() && again->bytes == rebuilt->bytes);
}

void mjpeg(Bytes sample) {
  Buffer out;
  constexpr std::uint32_t kHeight = 480;
  if (!filter_mjpeg(sample, kHeight, out)) return;
  Buffer again;
  require(filter_mjpeg(out, kHeight, again).has_value() && again == out);
  const auto checker = jpeg_sample_check(kHeight);
  for (const std::size_t piece : {1U, 5U, 4096U}) check(*checker, out, piece);
}

}  // namespace
}  // namespace sudare::clip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sudare::clip;
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0: access_unit(NalCodec::kH264, NalForm::kAnnexB, bytes); break;
    case 1: access_unit(NalCodec::kH264, NalForm::kLength4, bytes); break;
    case 2: access_unit(NalCodec::kH265, NalForm::kAnnexB, bytes); break;
    case 3: config(NalCodec::kH264, bytes); break;
    case 4: config(NalCodec::kH265, bytes); break;
    case 5: mpeg4(bytes); break;
    case 6: mpeg4_config(bytes); break;
    default: mjpeg(bytes); break;
  }
  return 0;
}
