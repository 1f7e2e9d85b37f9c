// Events that wait for their clip, or whose clip is not settled yet: what was said of which file.
// On disk a keyed tag stands for the file's name, and another for the recorder's model; of the time
// there is the day. Events may come before their clip or after it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/clips/clip_tags.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// More than a recorder keeps event clips. The oldest makes room.
inline constexpr std::size_t kClipEventsMax = 256;
// The wait starts anew with each start of the gateway; this ends it for good.
inline constexpr std::int64_t kClipEventDaysMax = 7;
// A clip is minutes long.
inline constexpr std::int64_t kClipMomentMsMax = 3'600'000;

struct PendingEvent {
  v1::Clips::Trigger trigger = v1::Clips::TRIGGER_UNSPECIFIED;
  std::uint32_t moment_ms = 0;
  std::string model_tag;         // empty: the event names none
  std::int64_t day = 0;          // unix day, of trusted time
  std::int64_t received_ms = 0;  // monotonic; of those from disk: when they were read
};

// On the collector's thread. Keeps references. What must be persisted is appended to `out`; if the
// commit then fails, the caller commits the same entries again.
class ClipEvents {
 public:
  // Entries that can't be read, or are too old, are dropped: a clip of theirs is then rejected for
  // want of an event.
  static Result<ClipEvents> load(const Store& store, const ClipTags& tags, const Clock& clock,
                                 std::int64_t day, std::vector<StateEntry>& out);

  // A word about the same file replaces the last. kMalformed: no file's name (empty, a path, over
  // 255 bytes), no trigger or moment.
  Status take(const ClipNotice& notice, std::int64_t day, std::vector<StateEntry>& out);
  // Of the file; null where none waits. Valid until the next call that is not const.
  [[nodiscard]] const PendingEvent* find(std::string_view file) const;
  void remove(std::string_view file, std::vector<StateEntry>& out);
  // Drops those that waited so long, but for those whose file `kept` says is there. Returns how
  // many.
  template <class Kept>
  std::size_t expire(std::int64_t wait_ms, Kept kept, std::vector<StateEntry>& out) {
    std::size_t expired = 0;
    for (auto event = events_.begin(); event != events_.end();) {
      const bool late = clock_->monotonic_ms() - event->second.received_ms >= wait_ms;
      if (!late || kept(event->first)) {
        ++event;
        continue;
      }
      out.push_back(removal(event->first));
      event = events_.erase(event);
      ++expired;
    }
    return expired;
  }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  // Since the start an event made room for another: a file without one may have had one.
  [[nodiscard]] bool crowded_out() const { return crowded_out_; }

 private:
  ClipEvents(const ClipTags& tags, const Clock& clock) : tags_(&tags), clock_(&clock) {}
  static StateEntry removal(const std::string& tag);

  const ClipTags* tags_;
  const Clock* clock_;
  std::map<std::string, PendingEvent, std::less<>> events_;  // by the file's tag
  bool crowded_out_ = false;
};

}  // namespace sudare
