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

class AccessUnit {
 public:
  AccessUnit(NalCodec codec, ParameterSetStore& sets, Buffer& out)
      : codec_(codec), sets_(sets), out_(out) {}

  Status take(Bytes padded) {
    const Bytes nal = without_padding(padded);
    switch (kind_of(codec_, nal)) {
      case NalKind::kMalformed:
        // Padding that pretends to be a unit (00 00 00 00 in a length-prefixed sample) goes too.
        if (!nal.empty()) return fail(ErrorCode::kMalformed, "nal: unit header");
        return Done{};
      case NalKind::kSei: take_sei(nal); return Done{};
      case NalKind::kParameterSet: return take_parameter_set(nal);
      case NalKind::kPicture: return take_slice(nal);
      case NalKind::kOther: break;
    }
    ++counts_.dropped;
    return Done{};
  }

  [[nodiscard]] const UnitCounts& counts() const { return counts_; }

 private:
  struct Waiting {
    ParameterSetKey key;
    std::size_t at;  // in out_, with its length
    std::size_t bytes;
  };

  void take_sei(Bytes nal) {
    const auto point = recovery_point_in(codec_, nal);
    if (!point || counts_.recovery_points > 0) {
      ++counts_.dropped;
      return;
    }
    ++counts_.recovery_points;
    put_unit(out_, sei_of(codec_, *point));
  }

  Status take_parameter_set(Bytes nal) {
    if (holds_start_code(nal)) return fail(ErrorCode::kMalformed, "nal: start code inside a unit");
    TRY(check_parameter_set(codec_, nal));
    TRY(sets_.add(codec_, nal));
    drop_waiting(key_of(codec_, nal));
    const std::size_t at = out_.size();
    put_unit(out_, nal);
    waiting_.push_back({key_of(codec_, nal), at, out_.size() - at});
    ++counts_.parameter_sets;
    return Done{};
  }

  // The set that another one takes the place of before a slice could name it.
  void drop_waiting(const ParameterSetKey& key) {
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
      if (one->key != key) continue;
      const auto from = out_.begin() + static_cast<std::ptrdiff_t>(one->at);
      out_.erase(from, from + static_cast<std::ptrdiff_t>(one->bytes));
      const std::size_t gone = one->bytes;
      for (auto later = waiting_.erase(one); later != waiting_.end(); ++later) later->at -= gone;
      --counts_.parameter_sets;
      ++counts_.dropped;
      return;
    }
  }

  Status take_slice(Bytes nal) {
    if (holds_start_code(nal)) return fail(ErrorCode::kMalformed, "nal: start code inside a unit");
    if (!sets_.can_decode(codec_, nal)) {
      ++counts_.dropped;
      return Done{};
    }
    waiting_.clear();
    ++counts_.pictures;
    put_unit(out_, nal);
    return Done{};
  }

  NalCodec codec_;
  ParameterSetStore& sets_;
  Buffer& out_;
  UnitCounts counts_;
  std::vector<Waiting> waiting_;  // sets that stand before the next slice
};

}  // namespace

Result<UnitCounts> filter_access_unit(NalCodec codec, NalForm form, Bytes sample,
                                      ParameterSetStore& sets, Buffer& out) {
  out.clear();
  AccessUnit unit(codec, sets, out);
  NalSplit split(form, sample);
  std::uint32_t units = 0;
  while (const auto nal = split.next()) {
    if (++units > kUnitsMax) return fail(ErrorCode::kTooLarge, "nal: units in a sample");
    TRY(unit.take(*nal));
  }
  if (!split.ok()) return fail(ErrorCode::kMalformed, "nal: unit lengths");
  return unit.counts();
}

}  // namespace sudare::clip
