#include "tests/faults/disk/groups.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "gateway/store/row.h"
#include "tests/testkit/seal_stage_for_tests.h"

namespace sudare::faults {
namespace {

constexpr std::size_t kTinyBytes = 200;
constexpr std::size_t kUsualBytes = 6000;
constexpr std::size_t kLongBytes = 40'000;
constexpr std::size_t kPastJournalBytes = 150'000;

}  // namespace

const Groups::Kind Groups::kKinds[] = {{"traffic", 2, false, kEpochDays},
                                       {"diagnostics", 1, false, kEpochDays},
                                       {"weather", 3, false, kNoEpochDays},
                                       {"emergency", 7, true, kEpochDays},
                                       {"clips", 1, false, kEpochDays}};

std::string Groups::content(RowId id) {
  std::size_t bytes = dice_.between(kTinyBytes, kUsualBytes);
  if (dice_.once_in(12)) bytes = dice_.between(kUsualBytes, kLongBytes);
  if (dice_.once_in(60)) bytes = kPastJournalBytes;
  std::string text = "row " + std::to_string(id) + " ";
  while (text.size() < bytes) text += std::to_string(dice_.number()) + " ";
  text.resize(bytes);
  made_.emplace(id, std::hash<std::string>()(text));
  return text;
}

bool Groups::made(RowId id, const std::string& bytes) const {
  const auto [first, last] = made_.equal_range(id);
  const std::size_t hash = std::hash<std::string>()(bytes);
  return std::any_of(first, last, [hash](const auto& one) { return one.second == hash; });
}

void Groups::add(const Kind& kind, RecordRange records, bool fragment, bool held,
                 CommitGroup& group) {
  SealedMeta meta;
  meta.id = next_id_++;
  meta.purpose = kind.purpose;
  meta.shard = static_cast<std::uint8_t>(dice_.below(256));
  meta.epoch_days = kind.epoch_days;
  meta.epoch = kEpoch;
  meta.records = records;
  meta.fragment = fragment;
  meta.held = held;
  meta.essential = kind.essential;
  meta.priority = kind.priority;
  meta.keep_hours = kind.essential ? 0 : 2;
  std::string bytes = kind.essential ? content(meta.id).substr(0, kTinyBytes) : content(meta.id);
  if (kind.essential) made_.emplace(meta.id, std::hash<std::string>()(bytes));
  group.add.emplace_back(SealStage::passkey(), meta, std::move(bytes));
}

std::vector<RowId> Groups::some_of(const Contents& contents, std::uint64_t most) {
  std::vector<RowId> ids;
  for (const auto& [id, row] : contents.rows) {
    if (!row.fragment && !row.held && dice_.once_in(2)) ids.push_back(id);
    if (ids.size() >= most) break;
  }
  return ids;
}

std::vector<RowId> Groups::fragments_of(const Contents& contents, const Kind& kind) {
  std::vector<RowId> ids;
  for (const auto& [id, row] : contents.rows) {
    if (row.fragment && row.purpose == kind.purpose) ids.push_back(id);
  }
  return ids;
}

// Record numbers of one batch are a range: while one is open, all new records are in it.
bool Groups::open_batch(const Contents& contents, const CommitGroup& group, const Kind& kind) {
  return std::any_of(contents.rows.begin(), contents.rows.end(),
                     [&kind](const auto& one) {
                       return one.second.fragment && one.second.purpose == kind.purpose;
                     }) ||
         std::any_of(group.add.begin(), group.add.end(), [&kind](const Sealed& one) {
           return one.meta().fragment && one.meta().purpose == kind.purpose;
         });
}

void Groups::add_rows(const Contents& contents, CommitGroup& group) {
  const std::uint64_t rows = dice_.below(4);
  for (std::uint64_t i = 0; i < rows; ++i) {
    // Few essential ones: they are never evicted.
    const Kind& kind = kKinds[dice_.once_in(20) ? 3 : dice_.below(3)];
    if (kind.essential && contents.rows.size() > 120) continue;
    const auto count = static_cast<std::uint32_t>(dice_.between(1, 5));
    std::uint64_t& next = next_record_[kind.purpose];
    const bool fragment =
        !kind.essential && (dice_.once_in(2) || open_batch(contents, group, kind));
    add(kind, {next, count}, fragment, false, group);
    next += count;
    group.account.take(kind.purpose, Fate::kQueued, Reason::kNone, count);
  }
}

// One batch in the place of all of a purpose's open fragments.
void Groups::close_batch(const Contents& contents, CommitGroup& group) {
  const Kind& kind = kKinds[dice_.below(3)];
  group.replaced = fragments_of(contents, kind);
  if (group.replaced.empty()) return;
  RecordRange all{contents.rows.at(group.replaced.front()).first_record, 0};
  for (const RowId id : group.replaced) all.count += contents.rows.at(id).records;
  add(kind, all, false, false, group);
}

// Pieces of a clip: their purpose takes nothing else, so no open batch is beside them.
void Groups::add_held(const Contents& contents, CommitGroup& group) {
  const Kind& kind = kKinds[4];
  const bool any = std::any_of(contents.rows.begin(), contents.rows.end(),
                               [](const auto& one) { return one.second.held; });
  if (any && dice_.once_in(3)) {
    group.drop_held = true;
    return;
  }
  std::uint64_t& next = next_record_[kind.purpose];
  add(kind, {next++, 1}, false, true, group);
  if (!dice_.once_in(2)) return;
  group.release_held = true;
  std::uint64_t pieces = 1;
  for (const auto& [id, row] : contents.rows) pieces += row.held ? 1 : 0;
  group.account.take(kind.purpose, Fate::kQueued, Reason::kNone, pieces);
}

void Groups::take_away(const Contents& contents, CommitGroup& group) {
  if (dice_.once_in(2)) group.delivered = some_of(contents, dice_.between(1, 8));
  if (dice_.once_in(15)) group.released = fragments_of(contents, kKinds[dice_.below(3)]);
  if (dice_.once_in(30)) group.withdrawn = {kKinds[dice_.below(3)].purpose};
  else if (dice_.once_in(25)) group.damaged = some_of(contents, 1);
  if (!dice_.once_in(12)) return;
  for (const auto& [purpose, ranges] : contents.missing) {
    for (const MissingRange& range : ranges) {
      group.reported.push_back({purpose, kEpochDays, kEpoch,
                                RecordRange{range.first, static_cast<std::uint32_t>(range.count)},
                                range.reason});
    }
  }
}

CommitGroup Groups::next(const Contents& contents) {
  CommitGroup group;
  next_id_ = contents.next_id;
  take_away(contents, group);
  if (dice_.once_in(12)) add_held(contents, group);
  else if (group.released.empty() && dice_.once_in(4)) close_batch(contents, group);
  add_rows(contents, group);
  if (dice_.once_in(3)) group.account.take("", Fate::kRejected, Reason::kUnknownTopic);
  if (dice_.once_in(8)) group.account.take("traffic", Fate::kHeldBack);
  ++number_;
  if (dice_.once_in(2)) group.state.push_back({"records", "last", std::to_string(number_)});
  if (dice_.once_in(20)) group.state.push_back({"consent", "word", std::to_string(number_)});
  // The log is wiped then.
  if (dice_.once_in(10)) group.state.push_back({kChainsModule, "1", std::to_string(number_)});
  return group;
}

}  // namespace sudare::faults
