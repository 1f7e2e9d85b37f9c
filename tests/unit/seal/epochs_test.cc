#include "gateway/seal/epochs.h"

#include <filesystem>
#include <fstream>

#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

constexpr std::int64_t k1970 = 5'000;
constexpr std::int64_t k2100 = 47'482 * kMsPerDay;

class EpochsTest : public testing::Test {
 protected:
  void pass_days(std::int64_t days) {
    car_.clock.advance_ms(days * kMsPerDay);
    car_.confirm_time();
  }
  // One step of all chains, persisted.
  void step() {
    std::vector<StateEntry> changes;
    car_.epochs->advance(changes);
    car_.persist(std::move(changes));
    car_.epochs->advanced();
  }
  // What the relink authority computes from the root.
  Pseudonym expected_pseudonym(PurposeIndex index, std::uint32_t epoch) {
    const PurposePlan& purpose = car_.policy.purposes[index];
    auto chain = chain_start(car_.root, purpose.rotate_days);
    EXPECT_TRUE(chain);
    const std::uint32_t first =
        purpose.rotate_days == 0 ? 0 : epoch_of_day(purpose.rotate_days, kStartDay);
    for (std::uint32_t at = first; at < epoch; ++at) *chain = chain_step(*chain);
    const auto key = epoch_key(*chain, purpose.name, purpose.rotate_days, epoch);
    EXPECT_TRUE(key);
    return key->pseudonym;
  }
  std::uint32_t epoch(PurposeIndex index = kDriving) { return car_.epochs->epoch(index); }

  Car car_;
};

TEST_F(EpochsTest, AnEmptyStoreIsNotProvisioned) {
  const testkit::TemporaryDirectory directory;
  const auto store = Store::open({directory.path() / "state", 1 << 20, 0}, car_.clock);
  ASSERT_TRUE(store);
  const auto epochs = Epochs::load(**store, *car_.time, car_.policy);
  ASSERT_FALSE(epochs);
  EXPECT_EQ(epochs.error().code, ErrorCode::kNotFound);
}

TEST_F(EpochsTest, ADamagedChainIsNotTaken) {
  car_.persist({{"epochs", "28", "short"}});
  const auto epochs = Epochs::load(*car_.store, *car_.time, car_.policy);
  ASSERT_FALSE(epochs);
  EXPECT_EQ(epochs.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(epochs.error().detail, 28);
}

TEST_F(EpochsTest, AChainThatIsNotThereIsNotProvisioned) {
  car_.persist({{"epochs", "91", ""}});
  const auto epochs = Epochs::load(*car_.store, *car_.time, car_.policy);
  ASSERT_FALSE(epochs);
  EXPECT_EQ(epochs.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(epochs.error().detail, 91);
}

TEST_F(EpochsTest, ADamagedGenerationIsNotTaken) {
  car_.persist({{"epochs", "generation", "short"}});
  const auto epochs = Epochs::load(*car_.store, *car_.time, car_.policy);
  ASSERT_FALSE(epochs);
  EXPECT_EQ(epochs.error().code, ErrorCode::kMalformed);
}

// Its steps would count past the end of 32 bits.
TEST_F(EpochsTest, AChainOfADayThatNeverComesIsNotTaken) {
  car_.persist({{"epochs", "1", std::string(4, '\xff') + std::string(32, 'k')}});
  const auto epochs = Epochs::load(*car_.store, *car_.time, car_.policy);
  ASSERT_FALSE(epochs);
  EXPECT_EQ(epochs.error().code, ErrorCode::kMalformed);
  EXPECT_EQ(epochs.error().detail, 1);
}

TEST_F(EpochsTest, ProvisioningOnNoDayIsRefused) {
  std::vector<StateEntry> out;
  EXPECT_FALSE(Epochs::provision(-1, out));
  EXPECT_FALSE(Epochs::provision(3'000'000, out));
  EXPECT_TRUE(out.empty());
}

TEST_F(EpochsTest, AnUnconfirmedClockKeepsTheEpochForItsDays) {
  car_.clock.advance_ms(kMsPerDay);
  EXPECT_FALSE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay);
}

TEST_F(EpochsTest, ADriveKeepsTheEpoch) {
  car_.epochs->driving(true);
  pass_days(1);
  EXPECT_FALSE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay);
  car_.epochs->driving(false);
  EXPECT_TRUE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay + 1);
  EXPECT_FALSE(car_.epochs->due());
}

TEST_F(EpochsTest, ARestartInMidTripKeepsTheEpochUntilTheCarHasHadTimeToSaySo) {
  car_.shut();
  car_.clock.advance_ms(kMsPerDay);
  car_.reboot();
  car_.epochs = std::move(*Epochs::load(*car_.store, *car_.time, car_.policy));  // not told yet
  car_.confirm_time();
  ASSERT_TRUE(car_.time->confirmed());
  EXPECT_FALSE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay);
  car_.clock.advance_ms(kStartGraceMs - 1);
  EXPECT_FALSE(car_.epochs->due());
  car_.epochs->driving(true);
  car_.clock.advance_ms(kStartGraceMs);
  EXPECT_FALSE(car_.epochs->due());
  car_.epochs->driving(false);
  EXPECT_TRUE(car_.epochs->due());
}

TEST_F(EpochsTest, ACarThatNeverSaysWhetherItIsDrivenStepsAfterTheGrace) {
  car_.epochs = std::move(*Epochs::load(*car_.store, *car_.time, car_.policy));
  pass_days(1);
  EXPECT_TRUE(car_.epochs->due());
  car_.epochs = std::move(*Epochs::load(*car_.store, *car_.time, car_.policy));
  EXPECT_FALSE(car_.epochs->due());
  car_.clock.advance_ms(kStartGraceMs);
  EXPECT_TRUE(car_.epochs->due());
}

// H3 of the review: an ignition field that is never 0 held one pseudonym for ever.
TEST_F(EpochsTest, ADriveThatNeverEndsHoldsNoEpochForTwoRotations) {
  car_.epochs->driving(true);
  pass_days(1);
  EXPECT_FALSE(car_.epochs->due());
  pass_days(1);
  EXPECT_TRUE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay + 2);
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, expected_pseudonym(kDriving, kStartDay + 2));
}

TEST_F(EpochsTest, LongerRotationsWaitForTheEndOfATripForAWeek) {
  car_.epochs->driving(true);
  const std::uint32_t before = epoch(kDiagnostics);
  const std::int64_t left_days = 7 - kStartDay % 7;
  pass_days(left_days + kOverdueDaysMax - 1);
  step();
  EXPECT_EQ(epoch(kDiagnostics), before);
  pass_days(1);
  step();
  EXPECT_EQ(epoch(kDiagnostics), before + 2);
}

TEST_F(EpochsTest, AStartInMidTripEndsAnOverdueEpochAtOnce) {
  car_.shut();
  car_.clock.advance_ms(2 * kMsPerDay);
  car_.reboot();
  car_.epochs = std::move(*Epochs::load(*car_.store, *car_.time, car_.policy));  // not told yet
  car_.confirm_time();
  EXPECT_TRUE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay + 2);
}

// H3 of the review: without gnss_time in the policy no clock is confirmed.
TEST_F(EpochsTest, AClockThatIsNeverConfirmedHoldsNoEpochForMoreThanTwoRotations) {
  step();  // the day is kept
  for (int rotations = 1; rotations <= 3; ++rotations) {
    car_.clock.advance_ms(kMsPerDay);
    car_.reboot();
    EXPECT_FALSE(car_.epochs->due());
    step();
    car_.clock.advance_ms(kMsPerDay);
    car_.reboot();
    car_.epochs->driving(true);  // whatever the car says
    EXPECT_TRUE(car_.epochs->due());
    step();
    EXPECT_EQ(epoch(), kStartDay + rotations);
    EXPECT_FALSE(car_.epochs->due());
  }
}

// A chain that ran ahead of the calendar would keep one pseudonym until the day has come.
TEST_F(EpochsTest, AnUnconfirmedClockTakesAChainOneEpochFurtherPerJump) {
  step();
  for (const std::int64_t day : {kStartDay + 900, kStartDay + 1, kStartDay + 900, kStartDay + 1}) {
    car_.clock.set_wall_ms(day * kMsPerDay);
    car_.reboot();
    step();
    step();
  }
  EXPECT_LE(epoch(), kStartDay + 2);
}

TEST_F(EpochsTest, AnUnconfirmedClockThatCannotBeTrueEndsNoEpoch) {
  for (const std::int64_t wall_ms : {k1970, k2100}) {
    car_.clock.set_wall_ms(wall_ms);
    car_.reboot();
    EXPECT_FALSE(car_.epochs->due());
    step();
    EXPECT_EQ(epoch(), kStartDay);
  }
}

TEST_F(EpochsTest, ADamagedDayOfAnEpochBeginsTheCountAnew) {
  step();
  car_.persist({{"epochs_since", "1", "-7"}});
  car_.clock.advance_ms(2 * kMsPerDay);
  car_.reboot();
  EXPECT_FALSE(car_.epochs->due());
  step();
  car_.clock.advance_ms(2 * kMsPerDay);
  car_.reboot();
  EXPECT_TRUE(car_.epochs->due());
}

TEST_F(EpochsTest, AStepThatIsNotCommittedIsNone) {
  const Pseudonym before = car_.epochs->key(kDriving)->pseudonym;
  pass_days(1);
  std::vector<StateEntry> lost;
  car_.epochs->advance(lost);
  EXPECT_TRUE(car_.epochs->ends(kDriving));
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, before);
  car_.reboot();
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, before);
}

TEST_F(EpochsTest, AnEpochNeverGoesBack) {
  pass_days(5);
  step();
  car_.clock.set_wall_ms(kStartDay * kMsPerDay);
  car_.time->observe(TimeSource::kGnss, car_.clock.wall_ms());
  car_.time->observe(TimeSource::kTls, car_.clock.wall_ms());
  ASSERT_TRUE(car_.time->confirmed());
  EXPECT_FALSE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay + 5);
}

TEST_F(EpochsTest, MissedEpochsAreSteppedAtOnce) {
  pass_days(200);
  step();
  EXPECT_EQ(epoch(), kStartDay + 200);
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, expected_pseudonym(kDriving, kStartDay + 200));
  EXPECT_EQ(epoch(kDiagnostics), (kStartDay + 200) / 7);
  EXPECT_EQ(car_.epochs->key(kDiagnostics)->pseudonym,
            expected_pseudonym(kDiagnostics, (kStartDay + 200) / 7));
}

TEST_F(EpochsTest, OneBootStepsBoundedlyAndTheNextGoesOn) {
  pass_days(kEpochDaysPerBootMax + 100);
  step();
  EXPECT_EQ(epoch(), kStartDay + kEpochDaysPerBootMax);
  EXPECT_FALSE(car_.epochs->due());
  car_.reboot();
  car_.confirm_time();
  EXPECT_TRUE(car_.epochs->due());
  step();
  EXPECT_EQ(epoch(), kStartDay + kEpochDaysPerBootMax + 100);
}

TEST_F(EpochsTest, BootsAt1970And2100AndNowEndInTheRightEpoch) {
  for (const std::int64_t wall_ms : {k1970, k2100}) {
    car_.clock.set_wall_ms(wall_ms);
    car_.reboot();
    car_.confirm_time();  // even with a receiver that agrees
    step();
    EXPECT_EQ(epoch(), kStartDay);
  }
  car_.clock.set_wall_ms((kStartDay + 2) * kMsPerDay);
  car_.reboot();
  car_.confirm_time();
  step();
  EXPECT_EQ(epoch(), kStartDay + 2);
  EXPECT_EQ(car_.epochs->key(kDriving)->pseudonym, expected_pseudonym(kDriving, kStartDay + 2));
}

TEST_F(EpochsTest, PurposesOfOneLengthStepTogetherUnderDifferentNames) {
  pass_days(1);
  std::vector<StateEntry> changes;
  car_.epochs->advance(changes);
  EXPECT_TRUE(car_.epochs->ends(kDriving));
  EXPECT_TRUE(car_.epochs->ends(kRepair));
  EXPECT_FALSE(car_.epochs->ends(kDiagnostics));
  EXPECT_FALSE(car_.epochs->ends(kTraffic));
  EXPECT_FALSE(car_.epochs->ends(kEmergency));
  EXPECT_NE(car_.epochs->key(kDriving)->pseudonym, car_.epochs->key(kRepair)->pseudonym);
  EXPECT_FALSE(constant_time_equal(car_.epochs->field_key(kDriving)->bytes(),
                                   car_.epochs->field_key(kRepair)->bytes()));
}

TEST_F(EpochsTest, APurposeWithoutPseudonymHasNoKey) {
  EXPECT_EQ(car_.epochs->key(kTraffic), nullptr);
  EXPECT_EQ(car_.epochs->field_key(kTraffic), nullptr);
  EXPECT_EQ(epoch(kTraffic), 0u);
}

TEST_F(EpochsTest, UntilTransferStaysForYears) {
  const Pseudonym before = car_.epochs->key(kEmergency)->pseudonym;
  EXPECT_EQ(before, expected_pseudonym(kEmergency, 0));
  pass_days(370);
  step();
  EXPECT_EQ(car_.epochs->key(kEmergency)->pseudonym, before);
  car_.reboot();
  EXPECT_EQ(car_.epochs->key(kEmergency)->pseudonym, before);
}

TEST_F(EpochsTest, AnotherPolicyFindsItsPurposesKeys) {
  const Pseudonym driving = car_.epochs->key(kDriving)->pseudonym;
  Policy other = car_.policy;
  std::swap(other.purposes[kTraffic], other.purposes[kDriving]);
  car_.epochs->use_policy(other);
  EXPECT_EQ(car_.epochs->key(kDriving), nullptr);
  EXPECT_EQ(car_.epochs->key(kTraffic)->pseudonym, driving);
}

TEST_F(EpochsTest, TheNextOwnersUntilTransferIsAnotherEpochOfAnotherChain) {
  const Pseudonym before = car_.epochs->key(kEmergency)->pseudonym;
  const auto entries = car_.store->states("epochs");
  ASSERT_TRUE(entries);
  EXPECT_EQ(Epochs::transfers(*entries), 0U);
  std::vector<StateEntry> next;
  ASSERT_TRUE(Epochs::provision_next_owner(kStartDay, 1, next));
  EXPECT_EQ(Epochs::transfers(next), 1U);
  car_.persist(std::move(next));
  car_.reboot();
  EXPECT_EQ(epoch(kEmergency), 1U);
  EXPECT_NE(car_.epochs->key(kEmergency)->pseudonym, before);
}

TEST_F(EpochsTest, ADamagedTransferCountIsNotTaken) {
  EXPECT_EQ(Epochs::transfers({}).error().code, ErrorCode::kNotFound);
  const std::vector<StateEntry> damaged = {{"epochs", "7", "of no interest"},
                                           {"epochs", "0", "short"}};
  EXPECT_EQ(Epochs::transfers(damaged).error().code, ErrorCode::kMalformed);
}

// Whoever takes the disk gets no earlier pseudonym from it.
TEST_F(EpochsTest, ASteppedChainIsNowhereOnTheDisk) {
  auto chain = chain_start(car_.root, 1);
  ASSERT_TRUE(chain);
  const auto on_disk = [this](const ChainKey& key) {
    bool found = false;
    for (const auto& file : std::filesystem::recursive_directory_iterator(car_.directory.path())) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      found |= bytes.find(text_of(key.bytes())) != std::string::npos;
    }
    return found;
  };
  car_.reboot();
  ASSERT_TRUE(on_disk(*chain)) << "the search finds what is there";
  pass_days(1);
  step();
  car_.shut();
  EXPECT_FALSE(on_disk(*chain));
  EXPECT_TRUE(on_disk(chain_step(*chain)));
}

}  // namespace
}  // namespace sudare::seal_test
