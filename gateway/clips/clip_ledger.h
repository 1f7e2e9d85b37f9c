// What became of each file of the spool directory, by purpose, as long as the file is there: so
// that one that was stored is not sent again where the process ended before the file was deleted,
// and one that is kept is not looked at again. On disk as keyed tags (clip_tags.h).
//
// Of a file that is kept there is one tag. Their number is that of the files in the directory, up
// to kClipTagsMax; of a directory that holds more, files are kept without being remembered: where
// they were there before the gateway looked and no event names them, they are left alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/store/store.h"

namespace sudare {

// As many as a look through the directory sees (kSpoolEntriesMax): 130 bytes of memory each, less
// than 1.5 MiB in all. What is in work may go beyond, by kSpoolFilesMax per purpose.
inline constexpr std::size_t kClipTagsMax = 10'000;

enum class ClipOutcome : char {
  kReleased = 'r',  // all pieces are in the outbox, or were
  kRejected = 'x',  // by the clip's fault
  kFailed = 'f',  // by the unit's, or nobody knows whose: the file stays, whatever the policy says
  kNotTaken = 'n',  // the purpose may not be served: no consent
  kKept = 'k',      // of the file as such: everything is done, and it stays
  kDelete = 'd',    // the same: everything is done, and it goes as soon as it can be deleted
};

// On the collector's thread.
class ClipLedger {
 public:
  // Entries that can't be read are dropped.
  static Result<ClipLedger> load(const Store& store);

  [[nodiscard]] std::optional<ClipOutcome> find(std::string_view tag) const;
  [[nodiscard]] bool empty() const { return outcomes_.empty(); }
  [[nodiscard]] std::size_t size() const { return outcomes_.size(); }
  [[nodiscard]] bool full() const { return outcomes_.size() >= kClipTagsMax; }
  // To be part of the commit that makes it so; written() once that is on disk.
  [[nodiscard]] static StateEntry entry(const std::string& tag, ClipOutcome outcome);
  void written(const std::string& tag, ClipOutcome outcome) { outcomes_[tag] = {outcome, pass_}; }
  void drop(const std::string& tag, std::vector<StateEntry>& out);

  void begin_pass() { ++pass_; }
  // As find(); its file is there, as of this pass.
  std::optional<ClipOutcome> saw(std::string_view tag);
  // Drops all but those that this pass saw, and these: the files of the others are gone.
  void retain(const std::set<std::string>& tags, std::vector<StateEntry>& out);

 private:
  struct Entry {
    ClipOutcome outcome = ClipOutcome::kKept;
    std::uint64_t pass = 0;  // that saw it last
  };
  std::map<std::string, Entry, std::less<>> outcomes_;
  std::uint64_t pass_ = 0;
};

}  // namespace sudare
