#include "gateway/policy/slice.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "crypto/hkdf.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

// Every item has a fixed size or its length before it, so that no two rule sets share a form.
class Canonical {
 public:
  Canonical& text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
    return *this;
  }
  Canonical& number(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU));
    }
    return *this;
  }
  Canonical& real(double value) {
    // -0 and 0 are one value.
    return number(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));
  }
  // The parts in their own order, however they were written.
  Canonical& sorted(std::vector<std::string> parts) {
    std::sort(parts.begin(), parts.end());
    number(parts.size());
    for (const std::string& part : parts) text(part);
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::uint64_t code(auto enumeration) { return static_cast<std::uint64_t>(enumeration); }

// Which fields of the release are one position, in names: group numbers depend on the order of the
// file and on other purposes. Group → its first path.
using Groups = std::map<std::uint16_t, std::string>;

Groups groups_of(const SourceDraft& source, const ReleaseDraft& release) {
  Groups groups;
  for (const FieldDraft& field : release.fields) {
    const std::uint16_t group = source.plan.nodes[field.node].group;
    if (group == 0) continue;
    const auto [first, inserted] = groups.emplace(group, field.field->path());
    if (!inserted) first->second = std::min(first->second, field.field->path());
  }
  return groups;
}

std::string form_of_field(const SourceDraft& source, const FieldDraft& field,
                          const Groups& groups) {
  const FieldNode& node = source.plan.nodes[field.node];
  Canonical form;
  form.text(field.field->path()).number(code(node.personal)).number(code(node.unit));
  const auto group = groups.find(node.group);
  form.text(group == groups.end() ? "" : group->second);
  form.number(code(action_of(*field.field)));
  const v1::Coarsen& coarsen = field.field->coarsen();
  form.real(coarsen.step()).real(coarsen.least()).real(coarsen.most());
  const std::set<int> tolerated(field.field->tolerate().begin(), field.field->tolerate().end());
  form.number(tolerated.size());
  for (const int personal : tolerated) form.number(code(personal));
  form.number(code(field.field->combine()));
  return form.bytes();
}

std::string form_of_release(const SourceDraft& source, const ReleaseDraft& release) {
  const v1::Release& rules = *release.release;
  Canonical form;
  form.text(source.source->topic()).number(code(source.source->codec()));
  form.text(source.source->message()).text(source.source->time_field());
  const Groups groups = groups_of(source, release);
  std::vector<std::string> fields;
  for (const FieldDraft& field : release.fields) {
    fields.push_back(form_of_field(source, field, groups));
  }
  form.sorted(std::move(fields));
  std::vector<std::string> levels;
  for (const v1::Level& level : rules.level()) {
    v1::PersonalClass personal = v1::UNCLASSED;
    for (const TopicLevel& candidate : source.plan.levels) {
      if (candidate.capture && candidate.text == level.name()) personal = candidate.personal;
    }
    levels.push_back(Canonical()
                         .text(level.name())
                         .number(code(action_of(level)))
                         .number(code(personal))
                         .bytes());
  }
  form.sorted(std::move(levels));
  form.number(code(rules.location().cell())).number(rules.location().on_move() ? 1 : 0);
  form.number(rules.time().bucket_ms()).number(rules.time().exact() ? 1 : 0);
  form.number(rules.rate().min_interval_ms()).number(rules.aggregate().days());
  const v1::HoldBack& hold = rules.location().hold_back();
  form.number(code(hold.ring())).number(hold.rest_ms()).number(code(hold.at_once()));
  return form.bytes();
}

// Where clips come from, and what becomes of them. How they are cut and sent is delivery.
std::string form_of_clips(const PolicyDraft& draft, const v1::Clips& clips) {
  Canonical form;
  form.text("clips").number(code(clips.profile()));
  const std::set<int> triggers(clips.trigger().begin(), clips.trigger().end());
  form.number(triggers.size());
  for (const int trigger : triggers) form.number(code(trigger));
  form.number(clips.before_s()).number(clips.after_s()).number(clips.sound() ? 1 : 0);
  std::vector<std::string> texts;
  for (const v1::Clips::BurnedIn& text : clips.burned_in()) {
    Canonical one;
    one.text(text.recorder_model()).number(text.left()).number(text.top());
    texts.push_back(one.number(text.width()).number(text.height()).bytes());
  }
  form.sorted(std::move(texts));
  std::vector<std::string> events;
  for (const SourceDraft& source : draft.sources) {
    if (!source.source->has_clip_event()) continue;
    const v1::ClipEvent& event = source.source->clip_event();
    Canonical one;
    one.text(source.source->topic()).number(code(source.source->codec()));
    one.text(source.source->message()).text(event.file_field()).text(event.moment_field());
    events.push_back(one.text(event.trigger_field()).text(event.model_field()).bytes());
  }
  return form.sorted(std::move(events)).bytes();
}

}  // namespace

std::array<std::uint8_t, 16> slice_of(const PolicyDraft& draft, const v1::Purpose& purpose) {
  Canonical form;
  form.text("sudare/v1/policy-slice").number(draft.policy->language()).text(purpose.name());
  form.number(code(purpose.pseudonym().kind_case())).number(purpose.pseudonym().rotate_days());
  form.number(code(purpose.consent())).number(code(purpose.audience()));
  form.number(purpose.essential() ? 1 : 0).number(code(purpose.ceiling().cell()));
  form.number(purpose.ceiling().time_bucket_ms()).number(code(purpose.ceiling().hold_back()));
  const std::set<int> allowed(purpose.ceiling().allow().begin(), purpose.ceiling().allow().end());
  form.number(allowed.size());
  for (const int personal : allowed) form.number(code(personal));
  std::vector<std::string> releases;
  for (const SourceDraft& source : draft.sources) {
    for (const ReleaseDraft& release : source.releases) {
      if (release.purpose == &purpose) releases.push_back(form_of_release(source, release));
    }
  }
  form.sorted(std::move(releases));
  // Only where there are any: a purpose of messages keeps the slice that it had before clips.
  if (purpose.has_clips()) form.text(form_of_clips(draft, purpose.clips()));

  std::array<std::uint8_t, kSha256Bytes> digest{};
  sha256({bytes_of(form.bytes())}, digest);
  std::array<std::uint8_t, 16> slice{};
  std::copy_n(digest.begin(), slice.size(), slice.begin());
  return slice;
}

}  // namespace sudare
