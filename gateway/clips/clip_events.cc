#include "gateway/clips/clip_events.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"

namespace sudare {
namespace {

// Key: "event/" ‖ tag. Value: u8 trigger ‖ u32 moment ‖ u32 day, big-endian ‖ model tag.
constexpr std::string_view kPrefix = "event/";
constexpr std::size_t kFixedBytes = 9;
constexpr std::size_t kTagDigits = 32;
// NAME_MAX of every file system that a recorder has.
constexpr std::size_t kNameBytesMax = 255;

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xff);
  }
}

std::string encode(const PendingEvent& event) {
  std::string value(1, static_cast<char>(event.trigger));
  append_u32(value, event.moment_ms);
  append_u32(value, static_cast<std::uint32_t>(event.day));
  return value + event.model_tag;
}

std::optional<PendingEvent> decode(std::string_view value) {
  if (value.size() != kFixedBytes && value.size() != kFixedBytes + kTagDigits) return std::nullopt;
  PendingEvent event;
  if (!v1::Clips::Trigger_IsValid(value[0])) return std::nullopt;
  event.trigger = static_cast<v1::Clips::Trigger>(value[0]);
  event.moment_ms = read_u32(value.substr(1));
  event.day = read_u32(value.substr(5));
  event.model_tag = value.substr(kFixedBytes);
  return event;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace

StateEntry ClipEvents::removal(const std::string& tag) {
  return {kClipsModule, std::string(kPrefix) + tag, {}};
}

Result<ClipEvents> ClipEvents::load(const Store& store, const ClipTags& tags, const Clock& clock,
                                    std::int64_t day, std::vector<StateEntry>& out) {
  TRY(const std::vector<StateEntry> entries, store.states(kClipsModule));
  ClipEvents events(tags, clock);
  for (const StateEntry& entry : entries) {
    if (entry.key.rfind(kPrefix, 0) != 0) continue;
    auto event = decode(entry.value);
    if (!event) log_event(LogLevel::kWarning, "clip_event_damaged");
    // A clock that stands before it says nothing about its age.
    if (!event || day - event->day > kClipEventDaysMax) {
      out.push_back({kClipsModule, entry.key, {}});
      continue;
    }
    event->received_ms = clock.monotonic_ms();
    events.events_.emplace(entry.key.substr(kPrefix.size()), std::move(*event));
  }
  return events;
}

Status ClipEvents::take(const ClipNotice& notice, std::int64_t day, std::vector<StateEntry>& out) {
  if (!is_file_name(notice.file)) {
    return fail(ErrorCode::kMalformed, "clips: an event that names no file");
  }
  if (notice.trigger == v1::Clips::TRIGGER_UNSPECIFIED || notice.moment_ms < 0 ||
      notice.moment_ms > kClipMomentMsMax) {
    return fail(ErrorCode::kMalformed, "clips: an event without trigger or moment");
  }
  const std::string tag = tags_->of_event(notice.file);
  if (!events_.contains(tag) && events_.size() >= kClipEventsMax) {
    const auto oldest = std::min_element(
        events_.begin(), events_.end(),
        [](const auto& a, const auto& b) { return a.second.received_ms < b.second.received_ms; });
    out.push_back(removal(oldest->first));
    events_.erase(oldest);
    crowded_out_ = true;
  }
  PendingEvent& event = events_[tag];
  event.trigger = notice.trigger;
  event.moment_ms = static_cast<std::uint32_t>(notice.moment_ms);
  event.model_tag = notice.model.empty() ? std::string() : tags_->of_model(notice.model);
  event.day = day;
  event.received_ms = clock_->monotonic_ms();
  out.push_back({kClipsModule, std::string(kPrefix) + tag, encode(event)});
  return Done{};
}

const PendingEvent* ClipEvents::find(std::string_view file) const {
  if (events_.empty()) return nullptr;
  const auto found = events_.find(tags_->of_event(file));
  return found == events_.end() ? nullptr : &found->second;
}

void ClipEvents::remove(std::string_view file, std::vector<StateEntry>& out) {
  const std::string tag = tags_->of_event(file);
  if (events_.erase(tag) > 0) out.push_back(removal(tag));
}

}  // namespace sudare
