// What purposes take of a drive recorder's clips, and which sources say that there are any.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/limits.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

// An event is seconds long; more is a trip.
constexpr std::uint32_t kWindowSecondsMax = 120;
// Less, and the batch around a piece outweighs it. More, and the gateway, which holds up to ten
// copies of one on its way from sudare-clip to the cloud, grows by more than 8 MiB.
constexpr std::uint32_t kChunkBytesMin = 64 * 1024;
constexpr std::uint32_t kChunkBytesMax = 512 * 1024;
constexpr std::uint32_t kChunkBytesDefault = 256 * 1024;
// A day must have room for the largest batch, or no clip would ever go out.
constexpr std::uint64_t kDailyBytesMin = 2 * kBatchBytesMax;
// As many as sudare-clip fills in one picture.
constexpr int kBurnedInMax = 16;
constexpr std::uint32_t kThousandths = 1000;

bool may_have_pictures(const v1::Purpose& purpose) {
  return purpose.audience() == v1::Purpose::OWNER || purpose.audience() == v1::Purpose::EVIDENCE;
}

void check_profile(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  const std::string name = "\"" + purpose.name() + "\"";
  switch (purpose.clips().profile()) {
    case v1::Clips::SKETCH: break;
    case v1::Clips::ORIGINAL_PICTURE:
      if (may_have_pictures(purpose)) break;
      findings.error(where + ".profile", "original pictures for " + name,
                     "only purposes whose audience is OWNER or EVIDENCE may receive them; others "
                     "receive a SKETCH");
      break;
    case v1::Clips::REDACTED:
      findings.error(where + ".profile", "REDACTED is not there yet: no face or plate is filled",
                     "write SKETCH, or ORIGINAL_PICTURE for the owner or as evidence");
      break;
    default:
      findings.error(where, name + " says nothing about how its clips are minimised",
                     "write profile: SKETCH, or ORIGINAL_PICTURE for the owner or as evidence");
  }
  if (!is_allowed(purpose, v1::VIDEO)) {
    findings.error(where, "VIDEO is not in the ceiling of " + name,
                   "add allow: VIDEO to the purpose's ceiling, or remove clips");
  }
  if (!purpose.clips().sound()) return;
  if (purpose.clips().profile() != v1::Clips::ORIGINAL_PICTURE) {
    findings.error(where + ".sound", "sound leaves beside original pictures only",
                   "remove sound: true");
  } else if (!is_allowed(purpose, v1::AUDIO)) {
    findings.error(where + ".sound", "AUDIO is not in the ceiling of " + name,
                   "add allow: AUDIO to the purpose's ceiling, or remove sound: true");
  }
}

void check_triggers(const v1::Clips& clips, const std::string& where, Findings& findings) {
  if (clips.trigger().empty()) {
    findings.error(where, "clips of no event", "write trigger: [IMPACT, MANUAL, PARKING_SHOCK]");
  }
  std::set<int> seen;
  for (int i = 0; i < clips.trigger_size(); ++i) {
    const std::string at = where + "." + element("trigger", i);
    if (clips.trigger(i) == v1::Clips::TRIGGER_UNSPECIFIED) {
      findings.error(at, "no trigger", "write IMPACT, MANUAL or PARKING_SHOCK");
    } else if (!seen.insert(clips.trigger(i)).second) {
      findings.error(at, "this trigger is named twice", "keep one of them");
    }
  }
}

void check_window(const v1::Clips& clips, const std::string& where, Findings& findings) {
  const std::uint64_t seconds = std::uint64_t{clips.before_s()} + clips.after_s();
  if (seconds == 0) {
    findings.error(where, "clips without a window: nothing of them would leave",
                   "write before_s: 10 after_s: 10");
  } else if (seconds > kWindowSecondsMax) {
    findings.error(
        where + (clips.before_s() > clips.after_s() ? ".before_s" : ".after_s"),
        "the window is too long",
        "before_s and after_s are at most " + std::to_string(kWindowSecondsMax) + " together");
  }
}

void check_chunks(const v1::Purpose& purpose, const std::string& where, Findings& findings) {
  const std::uint32_t bytes = chunk_bytes_of(purpose.clips());
  if (bytes < kChunkBytesMin || bytes > kChunkBytesMax) {
    findings.error(
        where + ".chunk_bytes", "chunk_bytes is out of range",
        "from " + std::to_string(kChunkBytesMin) + " to " + std::to_string(kChunkBytesMax));
  } else if (bytes + kClipChunkOverheadBytes > purpose.batch_bytes_max()) {
    findings.error(
        where,
        "a chunk of " + std::to_string(bytes) + " bytes is no batch of \"" + purpose.name() + "\"",
        "write batch_bytes_max: " + std::to_string(bytes + kClipChunkOverheadBytes) +
            " or more in the purpose");
  }
  const std::uint64_t daily = purpose.clips().daily_bytes_max();
  if (daily != 0 && daily < kDailyBytesMin) {
    findings.error(where + ".daily_bytes_max", "a day would have no room for a batch",
                   "at least " + std::to_string(kDailyBytesMin) + "; 0 is no bound");
  }
}

void check_burned_in(const v1::Clips& clips, const std::string& where, Findings& findings) {
  std::map<std::string, int> of_model;
  for (int i = 0; i < clips.burned_in_size(); ++i) {
    const v1::Clips::BurnedIn& text = clips.burned_in(i);
    const std::string at = where + "." + element("burned_in", i);
    if (clips.profile() != v1::Clips::SKETCH) {
      findings.error(at, "nothing is filled in original pictures", "remove burned_in");
      return;
    }
    if (text.width() == 0 || text.height() == 0) {
      findings.error(at, "an empty rectangle", "write its width and height");
    } else if (std::uint64_t{text.left()} + text.width() > kThousandths ||
               std::uint64_t{text.top()} + text.height() > kThousandths) {
      findings.error(at, "the rectangle leaves the picture",
                     "thousandths of its width and height: left + width and top + height are at "
                     "most 1000");
    }
    if (++of_model[text.recorder_model()] == kBurnedInMax + 1) {
      findings.error(at, "too many rectangles for one model",
                     "at most " + std::to_string(kBurnedInMax));
    }
  }
}

void check_spool(const v1::Clips& clips, const std::string& where, Findings& findings) {
  if (clips.afterwards() == v1::Clips::SPOOL_UNSPECIFIED) {
    findings.error(where, "nothing says what becomes of the recorder's file afterwards",
                   "write afterwards: KEEP or DELETE");
  }
  if (clips.rejected() == v1::Clips::SPOOL_UNSPECIFIED) {
    findings.error(where, "nothing says what becomes of a file that is rejected",
                   "write rejected: KEEP or DELETE");
  }
}

// Clips are large and late: a message must never wait behind one, or be evicted for it.
void check_priority(const v1::Policy& policy, int index, Findings& findings) {
  const v1::Purpose& purpose = policy.purpose(index);
  for (const v1::Purpose& other : policy.purpose()) {
    if (other.has_clips() || other.essential() || other.priority() > purpose.priority()) continue;
    findings.error(
        element("purpose", index) + ".priority",
        "the clips of \"" + purpose.name() + "\" would go out before messages to \"" +
            other.name() + "\"",
        "give \"" + other.name() + "\" a higher priority than \"" + purpose.name() + "\"");
    return;
  }
}

bool share_a_trigger(const v1::Clips& a, const v1::Clips& b) {
  return std::any_of(a.trigger().begin(), a.trigger().end(), [&b](int trigger) {
    return std::find(b.trigger().begin(), b.trigger().end(), trigger) != b.trigger().end();
  });
}

// There is one file: what becomes of it can't depend on which purpose was looked at last.
void check_same_spool(const v1::Policy& policy, int index, Findings& findings) {
  const v1::Purpose& purpose = policy.purpose(index);
  for (int i = 0; i < index; ++i) {
    const v1::Purpose& other = policy.purpose(i);
    if (!other.has_clips() || !share_a_trigger(purpose.clips(), other.clips())) continue;
    const bool afterwards = purpose.clips().afterwards() != other.clips().afterwards();
    if (!afterwards && purpose.clips().rejected() == other.clips().rejected()) continue;
    findings.error(
        element("purpose", index) + ".clips" + (afterwards ? ".afterwards" : ".rejected"),
        "\"" + purpose.name() + "\" and \"" + other.name() +
            "\" take clips of one event and want different things of its file",
        "write the same in both");
    return;
  }
}

// What a clip event's field holds. `types`: whether it can.
void check_event_type(const SourceDraft& source, NodeIndex node, const std::string& field,
                      bool (*types)(FieldType), const std::string& wanted, Findings& findings) {
  if (node == kNoNode || types(source.plan.nodes[node].type)) return;
  findings.error(source.where + ".clip_event." + field, "this field is no " + wanted,
                 "name a field that is");
}

bool is_text(FieldType type) { return type == FieldType::kString || type == FieldType::kJson; }
bool is_whole(FieldType type) {
  return (type >= FieldType::kInt32 && type <= FieldType::kSfixed64) || type == FieldType::kJson;
}
bool is_trigger(FieldType type) {
  return is_whole(type) || type == FieldType::kEnum || type == FieldType::kString;
}

}  // namespace

std::uint32_t chunk_bytes_of(const v1::Clips& clips) {
  return clips.chunk_bytes() == 0 ? kChunkBytesDefault : clips.chunk_bytes();
}

void check_clips(const v1::Policy& policy, Findings& findings) {
  const bool events = std::any_of(policy.source().begin(), policy.source().end(),
                                  [](const v1::Source& one) { return one.has_clip_event(); });
  bool any = false;
  for (int i = 0; i < policy.purpose_size(); ++i) {
    const v1::Purpose& purpose = policy.purpose(i);
    if (!purpose.has_clips()) continue;
    any = true;
    const std::string where = element("purpose", i) + ".clips";
    check_profile(purpose, where, findings);
    check_triggers(purpose.clips(), where, findings);
    check_window(purpose.clips(), where, findings);
    check_chunks(purpose, where, findings);
    check_burned_in(purpose.clips(), where, findings);
    check_spool(purpose.clips(), where, findings);
    if (purpose.essential()) {
      findings.error(element("purpose", i) + ".essential", "no emergency waits for a clip",
                     "remove essential, or clips");
      continue;
    }
    check_priority(policy, i, findings);
    check_same_spool(policy, i, findings);
    if (!events) {
      findings.error(where, "no source names clips: \"" + purpose.name() + "\" can't be reached",
                     "write clip_event { ... } in the source of the recorder's events");
    }
  }
  for (int i = 0; i < policy.source_size(); ++i) {
    if (any || !policy.source(i).has_clip_event()) continue;
    findings.warn(element("source", i) + ".clip_event", "no purpose takes clips",
                  "remove it, or write a purpose with clips { ... }");
  }
}

void check_clip_event(const SourceDraft& source, Findings& findings) {
  if (!source.source->has_clip_event()) return;
  const v1::ClipEvent& event = source.source->clip_event();
  const std::string where = source.where + ".clip_event";
  const std::string example = " with the path of the field that says it";
  if (event.file_field().empty()) {
    findings.error(where, "no field names the clip's file", "write file_field" + example);
  }
  if (event.moment_field().empty()) {
    findings.error(where, "no field tells the event's moment", "write moment_field" + example);
  }
  if (event.trigger_field().empty()) {
    findings.error(where, "no field tells the event's kind", "write trigger_field" + example);
  }
  const ClipEventPlan& plan = source.plan.clip_event;
  check_event_type(source, plan.file, "file_field", is_text, "text", findings);
  check_event_type(source, plan.model, "model_field", is_text, "text", findings);
  check_event_type(source, plan.moment, "moment_field", is_whole, "whole number", findings);
  check_event_type(source, plan.trigger, "trigger_field", is_trigger, "number, enum or text",
                   findings);
  const bool seconds = plan.moment != kNoNode &&
                       source.plan.nodes[plan.moment].unit != v1::UNIT_UNSPECIFIED &&
                       source.plan.nodes[plan.moment].unit != v1::MILLISECONDS;
  if (seconds) {
    findings.error(where + ".moment_field", "the event's moment is in milliseconds",
                   "name a field that counts them");
  }
}

}  // namespace sudare
