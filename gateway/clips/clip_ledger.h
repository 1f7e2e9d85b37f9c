// What became of each file of the spool directory, by purpose, as long as the file is there: so
// that one that was stored is not sent again where the process ended before the file was deleted,
// and one that is kept is not looked at again. On disk as keyed tags (clip_tags.h).
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

enum class ClipOutcome : char {
  kReleased = 'r',  // all pieces are in the outbox, or were
  kRejected = 'x',
  kNotTaken = 'n',  // the purpose may not be served: no consent, no valid policy
  kKept = 'k',      // of the file as such: everything is done, and it stays
};

// On the collector's thread.
class ClipLedger {
 public:
  // Entries that can't be read are dropped.
  static Result<ClipLedger> load(const Store& store);

  [[nodiscard]] std::optional<ClipOutcome> find(std::string_view tag) const;
  [[nodiscard]] bool empty() const { return outcomes_.empty(); }
  // To be part of the commit that makes it so; written() once that is on disk.
  [[nodiscard]] static StateEntry entry(const std::string& tag, ClipOutcome outcome);
  void written(const std::string& tag, ClipOutcome outcome) { outcomes_[tag] = outcome; }
  // Drops all but these: the files of the others are gone.
  void retain(const std::set<std::string>& tags, std::vector<StateEntry>& out);

 private:
  std::map<std::string, ClipOutcome, std::less<>> outcomes_;
};

}  // namespace sudare
