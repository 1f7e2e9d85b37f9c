// What batches in the outbox say is missing. The word goes with the batch: one that is evicted,
// expires, is damaged or withdrawn has told nobody.
#include <algorithm>
#include <map>
#include <string>

#include "gateway/store/commit.h"

namespace sudare {

Status Commit::note_reports(const CommitGroup& group) {
  std::map<MissingKey, MissingRanges> told;
  for (const MissingRecords& one : group.reported) {
    const MissingKey key{one.purpose, one.epoch_days, one.epoch};
    const MissingRange range{one.records.first, one.records.count, one.reason};
    TRY(MissingRanges * missing, missing_of(key));
    remove_missing(*missing, range);
    add_missing(told[key], range);
  }
  for (const auto& [key, ranges] : told) {
    const auto carrier =
        std::find_if(group.add.begin(), group.add.end(), [&key = key](const Sealed& row) {
          const SealedMeta& meta = row.meta();
          return !meta.fragment && MissingKey{meta.purpose, meta.epoch_days, meta.epoch} == key;
        });
    if (carrier == group.add.end()) continue;
    TRY(keeper_.put_state(
        {kReportsModule, std::to_string(carrier->meta().id), encode_missing(ranges)}));
    ++books_.carriers;
  }
  return Done{};
}

Status Commit::end_reports(RowId id, const MissingKey& key, bool delivered) {
  if (books_.carriers == 0) return Done{};
  const std::string name = std::to_string(id);
  TRY(const auto told, keeper_.state(kReportsModule, name));
  if (!told) return Done{};
  TRY(keeper_.put_state({kReportsModule, name, ""}));
  --books_.carriers;
  if (delivered) return Done{};
  TRY(MissingRanges * missing, missing_of(key));
  for (const MissingRange& range : kept_missing(*told)) add_missing(*missing, range);
  return Done{};
}

}  // namespace sudare
