#include "gateway/upload/send_window.h"

namespace sudare {

std::vector<RowId> SendWindow::known() const {
  std::vector<RowId> ids;
  ids.reserve(sent_.size() + acknowledged_.size() + put_off_.size());
  for (const auto& [mid, row] : sent_) ids.push_back(row.id);
  ids.insert(ids.end(), acknowledged_.begin(), acknowledged_.end());
  for (const auto& [id, until_ms] : put_off_) ids.push_back(id);
  return ids;
}

void SendWindow::sent(int mid, RowId id, std::size_t bytes) {
  sent_[mid] = {id, bytes};
  bytes_ += bytes;
}

std::optional<RowId> SendWindow::acknowledged(int mid) {
  const auto found = sent_.find(mid);
  if (found == sent_.end()) return std::nullopt;
  const RowId id = found->second.id;
  bytes_ -= found->second.bytes;
  sent_.erase(found);
  acknowledged_.insert(id);
  delays_ms_.erase(id);
  rows_ = std::min(rows_ + 1, rows_max_);
  return id;
}

void SendWindow::refused(int mid, std::int64_t now_ms) {
  const auto found = sent_.find(mid);
  if (found == sent_.end()) return;
  const RowId id = found->second.id;
  bytes_ -= found->second.bytes;
  sent_.erase(found);
  put_off(id, now_ms);
}

void SendWindow::put_off(RowId id, std::int64_t now_ms) {
  // A row that expires or is evicted while it is put off leaves its delay behind: the table is
  // cleared when it can't be all of use.
  if (delays_ms_.size() > rows_max_) delays_ms_.clear();
  std::int64_t& delay_ms = delays_ms_[id];
  delay_ms = std::clamp(delay_ms * 2, kRetryMsLeast, kRetryMsMost);
  put_off_[id] = now_ms + delay_ms;
}

void SendWindow::deleted(const std::vector<RowId>& ids) {
  for (const RowId id : ids) acknowledged_.erase(id);
}

void SendWindow::reset() {
  sent_.clear();
  bytes_ = 0;
  bound_ = std::numeric_limits<std::size_t>::max();
  rows_ = std::min(kRowsAtStart, rows_max_);
}

bool SendWindow::retry_due(std::int64_t now_ms) {
  return std::erase_if(put_off_, [&](const auto& row) { return row.second <= now_ms; }) > 0;
}

}  // namespace sudare
