#include "gateway/clips/clip_ledger.h"

#include "gateway/clips/clip_tags.h"

namespace sudare {
namespace {

// Key: "done/" ‖ tag. Value: one letter.
constexpr std::string_view kPrefix = "done/";

std::optional<ClipOutcome> outcome_of(std::string_view value) {
  if (value.size() != 1) return std::nullopt;
  for (const auto outcome : {ClipOutcome::kReleased, ClipOutcome::kRejected, ClipOutcome::kFailed,
                             ClipOutcome::kNotTaken, ClipOutcome::kKept, ClipOutcome::kDelete}) {
    if (value[0] == static_cast<char>(outcome)) return outcome;
  }
  return std::nullopt;
}

}  // namespace

Result<ClipLedger> ClipLedger::load(const Store& store) {
  TRY(const std::vector<StateEntry> entries, store.states(kClipsModule));
  ClipLedger ledger;
  for (const StateEntry& entry : entries) {
    if (entry.key.rfind(kPrefix, 0) != 0) continue;
    if (const auto outcome = outcome_of(entry.value)) {
      ledger.written(entry.key.substr(kPrefix.size()), *outcome);
    }
  }
  return ledger;
}

std::optional<ClipOutcome> ClipLedger::find(std::string_view tag) const {
  const auto found = outcomes_.find(tag);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second.outcome;
}

std::optional<ClipOutcome> ClipLedger::saw(std::string_view tag) {
  const auto found = outcomes_.find(tag);
  if (found == outcomes_.end()) return std::nullopt;
  found->second.pass = pass_;
  return found->second.outcome;
}

void ClipLedger::drop(const std::string& tag, std::vector<StateEntry>& out) {
  if (outcomes_.erase(tag) > 0) out.push_back({kClipsModule, std::string(kPrefix) + tag, {}});
}

StateEntry ClipLedger::entry(const std::string& tag, ClipOutcome outcome) {
  return {kClipsModule, std::string(kPrefix) + tag, std::string(1, static_cast<char>(outcome))};
}

void ClipLedger::retain(const std::set<std::string>& tags, std::vector<StateEntry>& out) {
  for (auto known = outcomes_.begin(); known != outcomes_.end();) {
    if (known->second.pass == pass_ || tags.contains(known->first)) {
      ++known;
      continue;
    }
    out.push_back({kClipsModule, std::string(kPrefix) + known->first, {}});
    known = outcomes_.erase(known);
  }
}

}  // namespace sudare
