#include "gateway/policy/parts.h"

namespace sudare {

void check_parts(const v1::Policy& policy, const BuildParts& parts, Findings& findings) {
  for (int i = 0; i < policy.purpose_size(); ++i) {
    if (parts.clips || !policy.purpose(i).has_clips()) continue;
    findings.error(element("purpose", i) + ".clips",
                   "clips are not in this build (SUDARE_CLIPS=OFF)",
                   "remove clips, or install a gateway that is built with them");
  }
  for (int i = 0; i < policy.source_size(); ++i) {
    const std::string where = element("source", i);
    if (!parts.json && policy.source(i).codec() == v1::Source::JSON) {
      findings.error(where + ".codec", "JSON is not in this build (SUDARE_JSON=OFF)",
                     "send Protobuf, or install a gateway that is built with JSON");
    }
    if (!parts.clips && policy.source(i).has_clip_event()) {
      findings.error(where + ".clip_event", "clips are not in this build (SUDARE_CLIPS=OFF)",
                     "remove clip_event, or install a gateway that is built with clips");
    }
  }
}

}  // namespace sudare
