// What a policy does to one message, field by field and purpose by purpose: `policy explain`.
// Compares the message with what the gateway's own stages release of it, so it shows what happens,
// not what the rules say should.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fleet/preview/preview.h"
#include "fleet/preview/preview_keys.h"
#include "gateway/policy/load.h"

namespace sudare {

// One field for one purpose.
struct ExplainedCell {
  bool released = false;
  std::string after;  // released: the value, as JSON
  std::string why;    // "kept", "coarsened", "no rule names it", "too_soon", ...
};

struct ExplainedField {
  std::string path;  // or "(topic)", "(time_ms)"
  std::string before;
  std::vector<ExplainedCell> cells;  // by column
};

struct ExplainedPurpose {
  std::string name;
  Fate fate = Fate::kDropped;  // of the message; kQueued: released
  Reason reason = Reason::kNone;
  std::string detail;  // why the payload could not be read
  int rule_line = 0;   // of the policy file
};

// What a purpose receives of the clip that an event names.
struct ExplainedClip {
  std::string purpose;
  std::string profile;       // "SKETCH"
  std::int64_t from_ms = 0;  // in the clip; from the key frame at or before it
  std::int64_t to_ms = 0;
  bool sound = false;
};

struct Explanation {
  std::string topic;
  std::int64_t time_ms = 0;
  bool topic_is_named = false;  // false: no source has this topic, and nothing of it leaves
  bool readable = false;        // false: the payload's fields can't be told
  std::vector<ExplainedPurpose> purposes;
  std::vector<ExplainedField> fields;
  bool clip_named = false;  // the source has a clip_event …
  bool clip_usable = false;  // … and the message says which clip, which moment, which kind of event
  std::vector<ExplainedClip> clips;
};

// Messages one after the other, with the state that rules keep between them, as on the car: the
// second position within a rate limit is too soon. Keeps references. Not thread-safe.
class Explainer {
 public:
  Explainer(const Policy& policy, const SchemaSet& schemas);
  Explanation explain(const std::string& topic, const std::string& payload, std::int64_t time_ms);

 private:
  const Policy& policy_;
  const SchemaSet& schemas_;
  PreviewKeys keys_;
  Preview preview_;
};

}  // namespace sudare
