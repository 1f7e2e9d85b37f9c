// A car changes its owner, and the power fails meanwhile.
#include "fleet/provision/transfer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "crypto/crypto_init.h"
#include "crypto/open/identity.h"
#include "fleet/authority/provisioned_cars.h"
#include "gateway/car/car_check.h"
#include "gateway/seal/epochs.h"
#include "gateway/seal/reveal.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"
#include "tests/testkit/writes_refused.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormerRow = "row of the former owner, sealed";
constexpr int kPowerCut = 9;

class TransferTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init());
    identities_.push_back(age::open_side::Identity::generate());
    options_.state_directory = state().string();
    options_.identity = {"JTDKB20U793012345", "ZVW30-1234567", ""};
    options_.authorities = {identities_[0].recipient()};
    ASSERT_TRUE(provision(options_, clock_, deliver_to("former.age")));
    drive();
  }

  [[nodiscard]] fs::path state() const { return directory_.path() / "state"; }
  [[nodiscard]] fs::path record(const std::string& name) const { return directory_.path() / name; }
  DeliverShares deliver_to(const std::string& name) {
    return [this, name](const std::vector<std::string>& shares) -> Status {
      std::ofstream(record(name), std::ios::binary) << shares.at(0);
      return Done{};
    };
  }
  std::unique_ptr<Store> open() {
    auto store = Store::open({state().string(), 1 << 20, 0}, clock_);
    EXPECT_TRUE(store) << store.error().what.view();
    return store ? std::move(*store) : nullptr;
  }
  // The former owner grants, sends and queues.
  void drive() {
    const auto store = open();
    ASSERT_NE(store, nullptr);
    CommitGroup group;
    SealedMeta meta;
    meta.id = store->next_row_id();
    meta.purpose = "traffic";
    meta.epoch_days = 28;
    meta.records = {0, 1};
    meta.keep_hours = 72;
    group.add.push_back(Sealed(SealStage::passkey(), meta, std::string(kFormerRow)));
    group.account.take("traffic", Fate::kQueued);
    group.state = {{"consent", "traffic", "+7"},
                   {"clock", "floor_day", "19723"},
                   {"policy", "serial", "5"},
                   {"records", "traffic/28", std::string(21, 'n')}};
    ASSERT_TRUE(store->commit(group));
  }
  Result<Transfer> do_transfer(const std::function<void(TransferStep)>& reached = {}) {
    return transfer(options_, clock_, deliver_to("next.age"), reached);
  }
  // The chains, as they lie in the store.
  std::vector<std::string> chains() {
    std::vector<std::string> values;
    const auto store = open();
    const auto entries = store->states("epochs");
    EXPECT_TRUE(entries);
    for (const StateEntry& entry : *entries) values.push_back(entry.value);
    return values;
  }
  bool on_disk(std::string_view bytes) {
    for (const auto& entry : fs::recursive_directory_iterator(state())) {
      if (!entry.is_regular_file()) continue;
      if (testkit::read_file(entry.path()).find(bytes) != std::string::npos) return true;
    }
    return false;
  }
  // The former owner's last commit is only in the journal: the gateway was killed.
  void crash_with_a_journal(std::string_view row) {
    const fs::path copy = directory_.path() / "crashed";
    {
      auto store = Store::open({state().string(), 1 << 20, 0, 1 << 16}, clock_);
      ASSERT_TRUE(store);
      SealedMeta meta;
      meta.id = (*store)->next_row_id();
      meta.purpose = "traffic";
      meta.epoch_days = 28;
      meta.records = {1, 1};
      meta.keep_hours = 72;
      CommitGroup group;
      group.add.push_back(Sealed(SealStage::passkey(), meta, std::string(row)));
      group.account.take("traffic", Fate::kQueued);
      ASSERT_TRUE((*store)->commit(group));
      fs::copy(state(), copy);
    }
    fs::remove_all(state());
    fs::rename(copy, state());
  }
  // In a process that ends at `step`, as in a power cut; whether it got there.
  bool cut_at(TransferStep step) {
    const pid_t child = fork();
    if (child == 0) {
      static_cast<void>(do_transfer([step](TransferStep reached) {
        if (reached == step) _exit(kPowerCut);
      }));
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == kPowerCut;
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  std::vector<age::open_side::Identity> identities_;
  ProvisionOptions options_;
};

TEST_F(TransferTest, AUnitThatWasNeverProvisionedIsNotTransferred) {
  options_.state_directory = (directory_.path() / "other").string();
  EXPECT_EQ(do_transfer().error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(options_.state_directory));
}

TEST_F(TransferTest, RefusedWhileAnotherProcessHoldsTheDirectory) {
  const auto before = chains();
  {
    const auto gateway = open();
    EXPECT_EQ(do_transfer().error().code, ErrorCode::kRefused);
  }
  EXPECT_EQ(chains(), before);
}

TEST_F(TransferTest, WhatWasOnlyInTheJournalIsNotTheNextOwners) {
  crash_with_a_journal("a row in the journal, sealed");
  ASSERT_TRUE(on_disk("a row in the journal, sealed"));
  ASSERT_TRUE(do_transfer());
  EXPECT_FALSE(on_disk("a row in the journal, sealed"));
  EXPECT_EQ(open()->status().rows, 0U);
}

TEST_F(TransferTest, CutShortItLeavesTheFormerOwnersStoreWholeWithWhatTheJournalHeld) {
  crash_with_a_journal("a row in the journal, sealed");
  ASSERT_TRUE(cut_at(TransferStep::kPurged));
  const auto store = open();
  EXPECT_EQ(store->status().rows, 2U);
  EXPECT_EQ(store->account().total().by_fate.at(static_cast<std::size_t>(Fate::kQueued)), 2);
}

TEST_F(TransferTest, RefusedBesideFilesOfOthers) {
  std::ofstream(state() / "notes.txt") << "somebody's";
  const auto before = chains();
  EXPECT_EQ(do_transfer().error().code, ErrorCode::kRefused);
  EXPECT_EQ(chains(), before);
  EXPECT_TRUE(fs::exists(state() / "notes.txt"));
}

TEST_F(TransferTest, WhatCanNotBeDeliveredLeavesTheFormerOwner) {
  const auto before = chains();
  const auto done = transfer(
      options_, clock_, [](const auto&) -> Status { return fail(ErrorCode::kIo, "no disk"); }, {});
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
  EXPECT_EQ(chains(), before);
  EXPECT_TRUE(on_disk(kFormerRow));
}

TEST_F(TransferTest, ChainsAreNewAndCounted) {
  const auto before = chains();
  const auto done = do_transfer();
  ASSERT_TRUE(done) << done.error().what.view();
  EXPECT_EQ(done->transfers, 1U);
  EXPECT_TRUE(done->overwritten);
  const auto after = chains();
  ASSERT_EQ(after.size(), before.size());
  for (const std::string& value : after) {
    EXPECT_THAT(before, testing::Not(testing::Contains(value)));
  }
  ASSERT_TRUE(do_transfer());
  EXPECT_EQ(Epochs::transfers(*open()->states("epochs")), 2U);
}

TEST_F(TransferTest, NothingOfTheFormerOwnerIsLeft) {
  const auto before = chains();
  ASSERT_TRUE(on_disk(kFormerRow)) << "the search finds what is there";
  ASSERT_TRUE(do_transfer());
  EXPECT_FALSE(on_disk(kFormerRow));
  for (const std::string& value : before) EXPECT_FALSE(on_disk(value));
  const auto store = open();
  EXPECT_EQ(store->status().rows, 0U);
  EXPECT_EQ(store->account().total().taken, 0U);
  EXPECT_EQ(store->next_row_id(), 1U);
  EXPECT_TRUE(store->states("records")->empty());
}

TEST_F(TransferTest, TheClocksFloorAndThePolicysSerialStay) {
  ASSERT_TRUE(do_transfer());
  const auto store = open();
  EXPECT_EQ(*store->state("clock", "floor_day"), "19723");
  EXPECT_EQ(*store->state("policy", "serial"), "5");
  EXPECT_EQ(*store->state("consent", "traffic"), "=7");
}

TEST_F(TransferTest, TheStoreStaysItsOwnersAlone) {
  ASSERT_TRUE(do_transfer());
  EXPECT_EQ(fs::status(state() / "outbox.db").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(state() / "transfer"));
}

TEST_F(TransferTest, TheAuthorityLearnsTheNewRootAndItsCount) {
  ASSERT_TRUE(do_transfer());
  std::vector<std::uint32_t> transfers;
  const auto read = for_each_car({{record("former.age"), record("next.age")}, {}}, identities_,
                                 [&](ProvisionedCar& car) -> Status {
                                   transfers.push_back(car.transfers);
                                   return Done{};
                                 });
  ASSERT_TRUE(read);
  EXPECT_THAT(transfers, testing::UnorderedElementsAre(0U, 1U));
}

class TransferCutAt : public TransferTest, public testing::WithParamInterface<TransferStep> {};
std::string name_of(const testing::TestParamInfo<TransferStep>& step) {
  switch (step.param) {
    case TransferStep::kMade: return "Made";
    case TransferStep::kDelivered: return "Delivered";
    case TransferStep::kPurged: return "Purged";
    case TransferStep::kSwitched: return "Switched";
  }
  return "";
}
INSTANTIATE_TEST_SUITE_P(Steps, TransferCutAt,
                         testing::Values(TransferStep::kMade, TransferStep::kDelivered,
                                         TransferStep::kPurged, TransferStep::kSwitched),
                         name_of);

TEST_P(TransferCutAt, LeavesOneOwnerOrTheOtherNeverAMix) {
  const auto before = chains();
  ASSERT_TRUE(cut_at(GetParam()));
  const auto after = chains();
  const auto store = open();
  ASSERT_NE(store, nullptr);
  if (GetParam() == TransferStep::kSwitched) {
    for (const std::string& value : after) {
      EXPECT_THAT(before, testing::Not(testing::Contains(value)));
    }
    EXPECT_EQ(store->status().rows, 0U);
    EXPECT_EQ(*store->state("consent", "traffic"), "=7");
    EXPECT_TRUE(store->states("records")->empty());
    EXPECT_FALSE(on_disk(kFormerRow));
  } else {
    EXPECT_EQ(after, before);
    EXPECT_EQ(store->status().rows, 1U);
    EXPECT_EQ(*store->state("consent", "traffic"), "+7");
    EXPECT_FALSE(store->states("records")->empty());
  }
}

TEST_P(TransferCutAt, CanBeDoneAgain) {
  ASSERT_TRUE(cut_at(GetParam()));
  const auto done = do_transfer();
  ASSERT_TRUE(done) << done.error().what.view();
  EXPECT_FALSE(on_disk(kFormerRow));
  EXPECT_FALSE(fs::exists(state() / "transfer"));
}

// The next start overwrites what the former owner's file, which keeps a name until then, still has.
TEST_F(TransferTest, ACutBeforeItIsOverwrittenIsMadeUpForAtTheNextStart) {
  const auto before = chains();
  ASSERT_TRUE(cut_at(TransferStep::kSwitched));
  const auto on_disk_of = [&] {
    return std::count_if(before.begin(), before.end(), [&](const std::string& value) {
      return value.size() > 32 && on_disk(value);
    });
  };
  EXPECT_GT(on_disk_of(), 0);
  EXPECT_NE(open(), nullptr);
  EXPECT_EQ(on_disk_of(), 0);
}

// The former owner's file keeps its name then: freed, its chains would stay in the blocks for good.
TEST_F(TransferTest, WhatCouldNotBeOverwrittenIsKeptForTheNextStart) {
  const auto before = chains();
  std::optional<testkit::WritesRefused> refused;
  const auto done = do_transfer([&](TransferStep reached) {
    if (reached == TransferStep::kSwitched) refused.emplace();
  });
  refused.reset();
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->overwritten);
  EXPECT_TRUE(std::any_of(before.begin(), before.end(),
                          [&](const std::string& value) { return on_disk(value); }));
  EXPECT_NE(open(), nullptr);
  for (const std::string& value : before) EXPECT_FALSE(on_disk(value));
}

// It stopped in another car; with that car's identity it is a unit of that car.
TEST_F(TransferTest, EndsWhatAnotherCarHasStopped) {
  {
    const auto store = open();
    CommitGroup group;
    group.state = {{kCarModule, "differs", "3"}, {kCarModule, "moved", "yes"}};
    ASSERT_TRUE(store->commit(group));
    ASSERT_TRUE((*CarCheck::load(*store))->moved());
  }
  options_.identity = {"WVWZZZ1KZAW000123", "", ""};
  ASSERT_TRUE(do_transfer());
  const auto store = open();
  const auto check = CarCheck::load(*store);
  ASSERT_TRUE(check);
  EXPECT_FALSE((*check)->moved());
  EXPECT_TRUE((*check)->checked());
  const auto states = store->states(kCarModule);
  const auto kept = CarCheck::fingerprint_of(*states);
  EXPECT_TRUE((*kept)->covers("WVWZZZ1KZAW000123", ""));
  EXPECT_EQ((*kept)->match("WVWZZZ1KZAW000123", ""), CarFingerprint::Match::kSame);
}

}  // namespace
}  // namespace sudare
