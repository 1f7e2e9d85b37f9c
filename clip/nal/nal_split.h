// Takes the NAL units of a sample one after another, in either form, without copying.
#pragma once

#include <optional>

#include "clip/nal/access_unit.h"
#include "clip/nal/bytes.h"

namespace sudare::clip {

class NalSplit {
 public:
  NalSplit(NalForm form, Bytes sample);

  // The next unit, with whatever padding follows it; nothing at the end, or once a length points
  // outside of the sample (ok() is false then). Empty units are passed over.
  std::optional<Bytes> next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::optional<Bytes> next_prefixed();
  std::optional<Bytes> next_annexb();

  NalForm form_;
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace sudare::clip
