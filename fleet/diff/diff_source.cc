#include <map>

#include "fleet/diff/changes.h"

namespace sudare {
namespace {

// "path n" -> "ODOMETER in KILOMETERS"
std::map<std::string, std::string> classes_of(const v1::Source& source) {
  std::map<std::string, std::string> all;
  for (const v1::Classify& one : source.classify()) {
    std::string text = v1::PersonalClass_Name(one.class_());
    if (one.unit() != v1::UNIT_UNSPECIFIED) text += " in " + v1::Unit_Name(one.unit());
    if (!one.group().empty()) text += ", group " + one.group();
    all[one.has_level() ? "level " + one.level() : "path " + one.path()] = std::move(text);
  }
  return all;
}

void diff_classes(const v1::Source& before, const v1::Source& after, Changes& changes) {
  const std::map<std::string, std::string> was = classes_of(before);
  std::map<std::string, std::string> all = was;
  const std::map<std::string, std::string> is = classes_of(after);
  all.insert(is.begin(), is.end());
  for (const auto& [what, ignored] : all) {
    const auto old = was.find(what);
    const auto fresh = is.find(what);
    changes.differ("class of " + what, old == was.end() ? std::string() : old->second,
                   fresh == is.end() ? std::string() : fresh->second, DiffEffect::kMore);
  }
}

// How the payload is read and classed: the same rules then mean another thing. A policy has no
// source that is of no use, so something always rests on it.
void diff_meaning(const v1::Source& before, const v1::Source& after, Changes& changes) {
  constexpr DiffEffect kEffect = DiffEffect::kMore;
  changes.differ("codec", v1::Source::Codec_Name(before.codec()),
                 v1::Source::Codec_Name(after.codec()), kEffect);
  changes.differ("message", before.message(), after.message(), kEffect);
  changes.differ("time_field", before.time_field(), after.time_field(), kEffect);
  diff_classes(before, after, changes);
}

std::string clip_event_text(const v1::Source& source) {
  const v1::ClipEvent& event = source.clip_event();
  return source.has_clip_event()
             ? "file_field " + event.file_field() + ", moment_field " + event.moment_field() +
                   ", trigger_field " + event.trigger_field() + ", model_field " +
                   (event.model_field().empty() ? "none" : event.model_field())
             : std::string();
}

// Whom the car says it is. The first such field of a policy turns a check on; any other change
// weakens it, or gives the word to another field: the check counts over all sources, and a match on
// any of them ends a doubt.
void diff_identity(const v1::Source& before, const v1::Source& after, bool car_was_named,
                   Changes& changes) {
  const std::set<std::string> was{before.identity_field().begin(), before.identity_field().end()};
  const std::set<std::string> is{after.identity_field().begin(), after.identity_field().end()};
  for (const std::string& one : is) {
    if (was.count(one) != 0) continue;
    changes.add(car_was_named ? DiffEffect::kMore : DiffEffect::kLess,
                "identity_field " + one + " is new");
  }
  for (const std::string& one : was) {
    if (is.count(one) != 0) continue;
    changes.add(DiffEffect::kMore, "identity_field " + one +
                                       " is gone: nothing closes a unit that was moved to another "
                                       "car");
  }
}

}  // namespace

void diff_for_all(const v1::Source& before, const v1::Source& after, const WholePolicies& whole,
                  Changes& changes) {
  // A field that is never 0 keeps pseudonyms from changing; without one they change in mid-trip.
  changes.differ("ignition_field", before.ignition_field(), after.ignition_field(),
                 DiffEffect::kMore);
  // Which day it is rests on it: days of policies and certificates, and of pseudonyms.
  changes.differ("gnss_time", before.gnss_time() ? "true" : "false",
                 after.gnss_time() ? "true" : "false", DiffEffect::kMore);
  diff_identity(before, after, whole.car_was_named, changes);
  // Another field may name other clips.
  changes.differ("clip_event", clip_event_text(before), clip_event_text(after),
                 after.has_clip_event() ? DiffEffect::kMore : DiffEffect::kLess);
}

// Trips of a purpose are judged by all positions that it gets.
void release_gone(const v1::Release& release, const std::string& topic, const WholePolicies& whole,
                  Changes& changes) {
  changes.at(topic + " to " + release.to());
  if (release.location().has_hold_back() && whole.held_back.count(release.to()) != 0) {
    changes.add(DiffEffect::kMore,
                "the release is gone: where trips begin and end is judged without its positions");
  }
}

void diff_source(const v1::Source& before, const v1::Source& after, const WholePolicies& whole,
                 Changes& changes) {
  changes.at(after.topic());
  diff_meaning(before, after, changes);
  diff_for_all(before, after, whole, changes);
  changes.flag("urgent", before.urgent(), after.urgent(), DiffEffect::kOther);
  std::map<std::string, const v1::Release*> gone;
  for (const v1::Release& release : before.release()) gone.emplace(release.to(), &release);
  for (const v1::Release& release : after.release()) {
    changes.at(after.topic() + " to " + release.to());
    const auto old = gone.find(release.to());
    if (old == gone.end()) {
      changes.add(DiffEffect::kMore, "a new release");
      const Changes::OfSomethingNew all_of_it(changes);
      diff_release(v1::Release(), release, changes);
      continue;
    }
    diff_release(*old->second, release, changes);
    gone.erase(old);
  }
  for (const auto& [to, release] : gone) {
    changes.at(after.topic() + " to " + to);
    changes.add(DiffEffect::kLess, "the release is gone");
    release_gone(*release, after.topic(), whole, changes);
  }
}

}  // namespace sudare
