// The vocabulary of the seal tests: a car with a real store in a directory of its own, five
// purposes with a key each, and a recipient who opens everything.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/crypto_init.h"
#include "crypto/identity/signed_batch.h"
#include "crypto/open/open.h"
#include "gateway/minimize/reveal.h"
#include "gateway/seal/epochs.h"
#include "gateway/seal/sealer.h"
#include "gateway/seal/trusted_time.h"
#include "gateway/store/store.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare::seal_test {

// In the order of the test policy.
enum : PurposeIndex { kTraffic, kDiagnostics, kDriving, kRepair, kEmergency, kPurposeCount };

inline constexpr std::int64_t kBuildDay = 19'700;
inline constexpr std::int64_t kStartDay = 19'723;  // of ManualClock

// An age file that its recipient opened.
struct Opened {
  SealedMeta meta;
  v1::Batch batch;
  std::optional<Ed25519PublicKey> signed_by;
  std::size_t plaintext_bytes = 0;

  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const v1::Record& record : batch.records()) all.push_back(record.payload());
    return all;
  }
};

class Car {
 public:
  Car() {
    EXPECT_TRUE(crypto_init());
    for (int i = 0; i < kPurposeCount; ++i) {
      identities.push_back(age::open_side::Identity::generate());
    }
    policy.purposes.resize(kPurposeCount);
    purpose(kTraffic, "traffic", PseudonymKind::kNone, 0);
    purpose(kDiagnostics, "diagnostics", PseudonymKind::kRotate, 7);
    purpose(kDriving, "driving-diagnosis", PseudonymKind::kRotate, 1);
    purpose(kRepair, "repair", PseudonymKind::kRotate, 1);
    purpose(kEmergency, "emergency", PseudonymKind::kUntilTransfer, 0);
    policy.purposes[kTraffic].bucket_ms = 60'000;
    policy.purposes[kEmergency].essential = true;
    policy.purposes[kEmergency].linger_ms = 0;
    open_store();
    provision();
    boot();
  }

  // The process ends, however it ends, and starts again: what was in memory is gone.
  void reboot() {
    shut();
    open_store();
    boot();
  }
  void shut() {
    sealer.reset();
    epochs.reset();
    time.reset();
    store.reset();
  }
  // A new owner's chains.
  void provision() {
    std::vector<StateEntry> chains;
    auto fresh = Epochs::provision(clock.wall_ms() / kMsPerDay, chains);
    ASSERT_TRUE(fresh);
    root = std::move(*fresh);
    persist(std::move(chains));
  }
  void persist(std::vector<StateEntry> entries) {
    CommitGroup group;
    group.state = std::move(entries);
    ASSERT_TRUE(store->commit(group));
  }

  // GNSS says what the clock says: the day is confirmed.
  void confirm_time() { time->observe(TimeSource::kGnss, clock.wall_ms()); }

  void add(PurposeIndex index, const std::string& payload) {
    sealer->add(Release(MinimizeStage::passkey(), index,
                        {"vehicle/topic", clock.wall_ms(), Codec::kJson, payload}));
    ++uncommitted[index];
  }

  [[nodiscard]] SealPlan plan(bool close_all = false) {
    auto plan = sealer->plan(close_all);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().what.view());
    return plan ? std::move(*plan) : SealPlan{};
  }
  // Plans, commits, and opens what the commit added.
  std::vector<Opened> commit(bool close_all = false) {
    SealPlan planned = plan(close_all);
    std::vector<Opened> opened;
    for (const Sealed& sealed : planned.add) opened.push_back(open(sealed));
    replaced = planned.replaced;
    reported = planned.reported;
    CommitGroup group;
    group.add = std::move(planned.add);
    group.replaced = std::move(planned.replaced);
    group.reported = std::move(planned.reported);
    group.state = std::move(planned.state);
    for (const auto& [index, rows] : uncommitted) {
      group.account.take(policy.purposes[index].name, Fate::kQueued, Reason::kNone, rows);
    }
    EXPECT_TRUE(store->commit(group));
    sealer->committed();
    uncommitted.clear();
    return opened;
  }

  [[nodiscard]] Opened open(const Sealed& sealed) const {
    Opened opened;
    opened.meta = sealed.meta();
    const std::size_t index = index_of(sealed.meta().purpose);
    std::string plaintext;
    EXPECT_TRUE(age::open_side::open({&identities[index], 1}, bytes_of(sealed.bytes()), plaintext));
    opened.plaintext_bytes = plaintext.size();
    const auto batch = open_signed_batch(sealed.meta().purpose, bytes_of(plaintext));
    EXPECT_TRUE(batch) << (batch ? "" : batch.error().what.view());
    if (!batch) return opened;
    opened.signed_by = batch->public_key;
    EXPECT_TRUE(opened.batch.ParseFromString(batch->batch));
    return opened;
  }

  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    for (std::size_t i = 0; i < policy.purposes.size(); ++i) {
      if (policy.purposes[i].name == name) return i;
    }
    ADD_FAILURE() << "no purpose " << name;
    return 0;
  }

  testkit::TemporaryDirectory directory;
  testkit::ManualClock clock;
  Policy policy;
  std::vector<age::open_side::Identity> identities;  // by PurposeIndex
  RootKey root;
  std::unique_ptr<Store> store;
  std::unique_ptr<TrustedTime> time;
  std::unique_ptr<Epochs> epochs;
  std::unique_ptr<Sealer> sealer;
  std::map<PurposeIndex, std::uint64_t> uncommitted;
  std::vector<RowId> replaced;           // by the last commit()
  std::vector<MissingRecords> reported;  // by the last commit()

 private:
  void purpose(PurposeIndex index, const std::string& name, PseudonymKind kind,
               std::uint16_t rotate_days) {
    PurposePlan& plan = policy.purposes[index];
    plan.name = name;
    plan.recipients = {identities[index].recipient()};
    plan.pseudonym = kind;
    plan.rotate_days = rotate_days;
    plan.linger_ms = 30'000;
    plan.batch_bytes_max = 16'384;
    plan.keep_hours = 72;
    plan.slice.fill(static_cast<std::uint8_t>(index + 1));
  }
  void open_store() {
    auto opened = Store::open({directory.path() / "state", 16 << 20, 1 << 20}, clock);
    ASSERT_TRUE(opened) << opened.error().what.view();
    store = std::move(*opened);
  }
  void boot() {
    auto loaded_time = TrustedTime::load(*store, clock, kBuildDay);
    ASSERT_TRUE(loaded_time);
    time = std::move(*loaded_time);
    auto loaded_epochs = Epochs::load(*store, *time, policy);
    ASSERT_TRUE(loaded_epochs);
    epochs = std::move(*loaded_epochs);
    epochs->driving(false);
    auto created = Sealer::create(policy, *epochs, *store, clock);
    ASSERT_TRUE(created);
    sealer = std::move(*created);
    uncommitted.clear();
  }
};

}  // namespace sudare::seal_test
