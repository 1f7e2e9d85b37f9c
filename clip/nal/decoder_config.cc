#include "clip/nal/decoder_config.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "clip/nal/nal_split.h"
#include "clip/nal/parameter_sets.h"

namespace sudare::clip {
namespace {

// The parameter sets of one kind, each id once.
using Sets = std::vector<Bytes>;

struct Gathered {
  std::array<Sets, 3> sets;  // H.264: SPS, PPS; H.265: VPS, SPS, PPS
  NalForm form = NalForm::kAnnexB;
  ParameterSetStore store;
};

Status gather(NalCodec codec, Bytes padded, Gathered& into) {
  const Bytes nal = without_padding(padded);
  if (kind_of(codec, nal) != NalKind::kParameterSet) return Done{};
  if (holds_start_code(nal)) return fail(ErrorCode::kMalformed, "nal: start code inside a unit");
  TRY(check_parameter_set(codec, nal));
  TRY(into.store.add(codec, nal));
  const unsigned first_type = codec == NalCodec::kH264 ? 7 : 32;
  Sets& sets = into.sets[type_of(codec, nal) - first_type];
  const ParameterSetKey key = key_of(codec, nal);
  for (Bytes& one : sets) {
    if (key_of(codec, one) != key) continue;
    one = nal;
    return Done{};
  }
  sets.push_back(nal);
  return Done{};
}

// Takes `count` units with lengths of 16 bits from the front of `rest`.
Status gather_counted(NalCodec codec, std::size_t count, Bytes& rest, Gathered& into) {
  for (std::size_t i = 0; i < count; ++i) {
    if (rest.size() < 2 || be16(rest, 0) > rest.size() - 2) {
      return fail(ErrorCode::kMalformed, "decoder configuration: unit length");
    }
    const std::size_t length = be16(rest, 0);
    TRY(gather(codec, rest.subspan(2, length), into));
    rest = rest.subspan(2 + length);
  }
  return Done{};
}

std::optional<NalForm> form_of(unsigned length_size_minus_one) {
  switch (length_size_minus_one) {
    case 0: return NalForm::kLength1;
    case 1: return NalForm::kLength2;
    case 3: return NalForm::kLength4;
    default: return {};
  }
}

Status gather_avcc(Bytes box, Gathered& into) {
  const auto form = box.size() < 7 ? std::nullopt : form_of(box[4] & 3U);
  if (!form) return fail(ErrorCode::kMalformed, "avcC: header");
  into.form = *form;
  const std::size_t sequence_sets = box[5] & 0x1FU;
  Bytes rest = box.subspan(6);
  TRY(gather_counted(NalCodec::kH264, sequence_sets, rest, into));
  if (rest.empty()) return fail(ErrorCode::kMalformed, "avcC: no picture parameter sets");
  const std::size_t picture_sets = rest[0];
  rest = rest.subspan(1);
  return gather_counted(NalCodec::kH264, picture_sets, rest, into);
}

Status gather_hvcc(Bytes box, Gathered& into) {
  constexpr std::size_t kHeader = 23;
  const auto form = box.size() < kHeader ? std::nullopt : form_of(box[21] & 3U);
  if (!form) return fail(ErrorCode::kMalformed, "hvcC: header");
  into.form = *form;
  const std::size_t arrays = box[22];
  Bytes rest = box.subspan(kHeader);
  for (std::size_t i = 0; i < arrays; ++i) {
    if (rest.size() < 3) return fail(ErrorCode::kMalformed, "hvcC: array");
    const std::size_t count = be16(rest, 1);
    rest = rest.subspan(3);
    TRY(gather_counted(NalCodec::kH265, count, rest, into));
  }
  return Done{};
}

void put_sets(Buffer& out, const Sets& sets) {
  for (const Bytes nal : sets) {
    put16(out, nal.size());
    append(out, nal);
  }
}

void put_byte(Buffer& out, std::size_t value) { out.push_back(static_cast<std::uint8_t>(value)); }

void write_avcc(const Gathered& from, const SequenceInfo& info, Buffer& out) {
  put_byte(out, 1);
  append(out, Bytes(info.profile_tier_level).first(3));
  put_byte(out, 0xFF);  // lengths of 4 bytes
  put_byte(out, 0xE0 | from.sets[0].size());
  put_sets(out, from.sets[0]);
  put_byte(out, from.sets[1].size());
  put_sets(out, from.sets[1]);
  const unsigned profile = info.profile_tier_level[0];
  if (profile == 66 || profile == 77 || profile == 88) return;
  put_byte(out, 0xFCU | info.chroma_format);
  put_byte(out, 0xF8U | info.luma_bits_over_8);
  put_byte(out, 0xF8U | info.chroma_bits_over_8);
  put_byte(out, 0);  // no SPS extensions
}

void write_hvcc(const Gathered& from, const SequenceInfo& info, Buffer& out) {
  put_byte(out, 1);
  append(out, info.profile_tier_level);
  put16(out, 0xF000);   // min_spatial_segmentation_idc 0: unknown
  put_byte(out, 0xFC);  // parallelismType 0: unknown
  put_byte(out, 0xFCU | info.chroma_format);
  put_byte(out, 0xF8U | info.luma_bits_over_8);
  put_byte(out, 0xF8U | info.chroma_bits_over_8);
  put16(out, 0);  // avgFrameRate 0: unknown
  put_byte(out, info.sub_layers * 8U | (info.temporal_id_nested ? 4U : 0U) | 3U);
  put_byte(out, from.sets.size());
  for (std::size_t i = 0; i < from.sets.size(); ++i) {
    put_byte(out, 0x80 | (32 + i));  // array_completeness, as hvc1 asks
    put16(out, from.sets[i].size());
    put_sets(out, from.sets[i]);
  }
}

}  // namespace

Result<NalConfig> rebuild_nal_config(NalCodec codec, Bytes extradata) {
  const bool avc = codec == NalCodec::kH264;
  Gathered gathered;
  if (!extradata.empty() && extradata[0] == 1) {
    TRY(avc ? gather_avcc(extradata, gathered) : gather_hvcc(extradata, gathered));
  } else {
    NalSplit split(NalForm::kAnnexB, extradata);
    while (const auto nal = split.next()) {
      TRY(gather(codec, *nal, gathered));
    }
    if (!split.ok()) return fail(ErrorCode::kMalformed, "decoder configuration: no start code");
  }
  const bool whole =
      !gathered.sets[0].empty() && !gathered.sets[1].empty() && (avc || !gathered.sets[2].empty());
  if (!whole)
    return fail(ErrorCode::kNotFound, "decoder configuration: a parameter set is missing");
  TRY(const SequenceInfo info,
      avc ? parse_h264_sps(gathered.sets[0][0]) : parse_h265_sps(gathered.sets[1][0]));
  NalConfig config;
  config.form = gathered.form;
  config.width = info.width;
  config.height = info.height;
  config.sets = std::move(gathered.store);
  if (avc) {
    write_avcc(gathered, info, config.bytes);
  } else {
    write_hvcc(gathered, info, config.bytes);
  }
  return config;
}

}  // namespace sudare::clip
