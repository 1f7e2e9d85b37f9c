// What the status page shows: figures that the collector's thread leaves here now and then. No
// identifier of the car is in it; purposes are the only names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/guarded.h"
#include "gateway/account.h"
#include "gateway/clips/clips.h"
#include "gateway/clips/send_rules.h"
#include "gateway/collect/collector.h"
#include "gateway/mqtt/connection.h"
#include "gateway/policy/updates.h"
#include "gateway/sandbox/sandbox.h"
#include "gateway/store/store.h"
#include "gateway/upload/uploader.h"

namespace sudare {

// Upper bounds of the buckets, in microseconds: from a fast SSD to a worn eMMC that stalls.
inline constexpr std::array<std::int64_t, 10> kCommitBucketsUs = {
    500, 1000, 2000, 5000, 10'000, 20'000, 50'000, 100'000, 500'000, 2'000'000};

struct CommitHistogram {
  std::array<std::uint64_t, kCommitBucketsUs.size() + 1> buckets{};  // the last: above all bounds
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;

  void add(std::int64_t us) {
    std::size_t i = 0;
    while (i < kCommitBucketsUs.size() && us > kCommitBucketsUs[i]) ++i;
    ++buckets[i];
    ++count;
    sum_us += static_cast<std::uint64_t>(us);
  }
};

struct GatewaySnapshot {
  Account account;  // as committed
  StoreStatus store;
  CommitHistogram commits;
  std::uint64_t failed_commits = 0;
  bool commit_failing = false;       // the last one failed
  std::int64_t last_commit_ms = -1;  // monotonic; -1: none yet
  CollectStatus collect;
  UploadStatus upload;
  ClipStatus clips;
  Network network = Network::kUnknown;
  SandboxLevel sandbox;
  std::uint64_t secrets_not_locked = 0;  // since the start
  std::uint64_t consent_changes = 0;
  std::uint64_t consent_refused = 0;
  std::uint64_t sequences_refused = 0;  // sudare-seq of no producer that is believed there
  std::uint64_t unknown_enums = 0;
  Reason restriction = Reason::kNone;  // why only essential purposes are served
  bool car_checked = false;            // who the car says it is, is compared with whose unit it is
  std::uint64_t car_differed = 0;      // messages that named another car
  std::uint64_t policy_serial = 0;
  std::int64_t policy_days_left = 0;  // negative: so long ago it expired; where there is a serial
  PolicyUpdates policy_updates;
  std::uint64_t policy_reloads = 0;
  std::uint64_t policy_refusals = 0;  // reloads that kept the old policy
  bool clock_confirmed = false;
  std::int64_t clock_day = 0;
};

using SharedSnapshot = Guarded<GatewaySnapshot>;

}  // namespace sudare
