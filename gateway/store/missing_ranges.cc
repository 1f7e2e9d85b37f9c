#include "gateway/store/missing_ranges.h"

#include <algorithm>

#include "base/log.h"
#include "gateway/store/little_endian.h"

namespace sudare {
namespace {

constexpr std::size_t kEncodedBytes = 17;

bool before(const MissingRange& a, const MissingRange& b) { return a.first < b.first; }

// Makes one of neighbours of the same reason.
void join_neighbours(MissingRanges& ranges) {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    MissingRange& last = ranges[kept];
    if (last.reason == ranges[i].reason && last.end() == ranges[i].first) {
      last.count += ranges[i].count;
    } else {
      ranges[++kept] = ranges[i];
    }
  }
  if (!ranges.empty()) ranges.resize(kept + 1);
}

void join_closest(MissingRanges& ranges) {
  std::size_t closest = 1;
  for (std::size_t i = 2; i < ranges.size(); ++i) {
    const std::uint64_t gap = ranges[i].first - ranges[i - 1].end();
    if (gap < ranges[closest].first - ranges[closest - 1].end()) closest = i;
  }
  MissingRange& left = ranges[closest - 1];
  const MissingRange& right = ranges[closest];
  if (right.count > left.count) left.reason = right.reason;
  left.count = right.end() - left.first;
  ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(closest));
}

}  // namespace

void add_missing(MissingRanges& ranges, const MissingRange& range) {
  if (range.count == 0) return;
  remove_missing(ranges, range);  // a record is missing once
  ranges.insert(std::upper_bound(ranges.begin(), ranges.end(), range, before), range);
  join_neighbours(ranges);
  while (ranges.size() > kMissingRangesMax) {
    join_closest(ranges);
    join_neighbours(ranges);
  }
}

void remove_missing(MissingRanges& ranges, const MissingRange& range) {
  MissingRanges rest;
  rest.reserve(ranges.size() + 1);
  for (const MissingRange& old : ranges) {
    if (old.end() <= range.first || old.first >= range.end()) {
      rest.push_back(old);
      continue;
    }
    if (old.first < range.first) rest.push_back({old.first, range.first - old.first, old.reason});
    if (old.end() > range.end()) rest.push_back({range.end(), old.end() - range.end(), old.reason});
  }
  ranges = std::move(rest);
}

std::string encode_missing(const MissingRanges& ranges) {
  std::string out;
  out.reserve(ranges.size() * kEncodedBytes);
  for (const MissingRange& range : ranges) {
    append_u64(out, range.first);
    append_u64(out, range.count);
    out.push_back(static_cast<char>(range.reason));
  }
  return out;
}

Result<MissingRanges> decode_missing(std::string_view bytes) {
  if (bytes.size() % kEncodedBytes != 0) {
    return fail(ErrorCode::kMalformed, "store: missing ranges of a wrong size");
  }
  MissingRanges ranges;
  for (std::size_t at = 0; at < bytes.size(); at += kEncodedBytes) {
    const int reason = bytes[at + 16];
    if (!v1::MissingRange::Reason_IsValid(reason)) {
      return fail(ErrorCode::kMalformed, "store: missing range with an unknown reason");
    }
    ranges.push_back({read_u64(bytes, at), read_u64(bytes, at + 8),
                      static_cast<v1::MissingRange::Reason>(reason)});
  }
  return ranges;
}

MissingRanges kept_missing(std::string_view bytes) {
  auto ranges = decode_missing(bytes);
  if (ranges) return *std::move(ranges);
  log_error("store_missing_damaged", ranges.error());
  return {};
}

}  // namespace sudare
