#include "clip/nal/access_unit.h"

#include "clip/nal/nal_split.h"
#include "clip/nal/parameter_sets.h"
#include "clip/nal/recovery_point.h"

namespace sudare::clip {
namespace {

void put_unit(Buffer& out, Bytes nal) {
  put32(out, nal.size());
  append(out, nal);
}

Status take(NalCodec codec, Bytes padded, Buffer& out, UnitCounts& counts) {
  const Bytes nal = without_padding(padded);
  const NalKind kind = kind_of(codec, nal);
  if (kind == NalKind::kMalformed) {
    // Padding that pretends to be a unit (00 00 00 00 in a length-prefixed sample) goes too.
    if (!nal.empty()) return fail(ErrorCode::kMalformed, "nal: unit header");
    return Done{};
  }
  if (kind == NalKind::kSei) {
    const auto point = recovery_point_in(codec, nal);
    if (!point || counts.recovery_points > 0) {
      ++counts.dropped;
      return Done{};
    }
    ++counts.recovery_points;
    put_unit(out, sei_of(codec, *point));
    return Done{};
  }
  if (kind == NalKind::kOther) {
    ++counts.dropped;
    return Done{};
  }
  if (holds_start_code(nal)) return fail(ErrorCode::kMalformed, "nal: start code inside a unit");
  if (kind == NalKind::kParameterSet) {
    if (nal.size() > kSmallNalBytesMax) return fail(ErrorCode::kTooLarge, "nal: parameter set");
    TRY(check_parameter_set(codec, nal));
    ++counts.parameter_sets;
  } else {
    if (nal.size() <= header_bytes(codec)) return fail(ErrorCode::kMalformed, "nal: empty slice");
    ++counts.pictures;
  }
  put_unit(out, nal);
  return Done{};
}

}  // namespace

Result<UnitCounts> filter_access_unit(NalCodec codec, NalForm form, Bytes sample, Buffer& out) {
  out.clear();
  UnitCounts counts;
  NalSplit split(form, sample);
  std::uint32_t units = 0;
  while (const auto nal = split.next()) {
    if (++units > kUnitsMax) return fail(ErrorCode::kTooLarge, "nal: units in a sample");
    TRY(take(codec, *nal, out, counts));
  }
  if (!split.ok()) return fail(ErrorCode::kMalformed, "nal: unit lengths");
  return counts;
}

}  // namespace sudare::clip
