#include "gateway/seal/trusted_time.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string_view>

#include "tests/testkit/manual_clock.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

constexpr std::int64_t kBuildDay = 19'700;
constexpr std::int64_t kToday = 19'723;
constexpr std::int64_t kNow = kToday * kMsPerDay + 1;
constexpr std::int64_t k1970 = 5'000;
constexpr std::int64_t k2100 = 47'482 * kMsPerDay;

class TrustedTimeTest : public testing::Test {
 protected:
  TrustedTimeTest() : clock_(kNow, 1000) { boot(kNow); }

  void boot(std::int64_t wall_ms) {
    time_.reset();
    store_.reset();
    clock_.set_wall_ms(wall_ms);
    clock_.set_monotonic_ms(1000);
    auto store = Store::open({directory_.path() / "state", 1 << 20, 0}, clock_);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    auto time = TrustedTime::load(*store_, clock_, kBuildDay);
    ASSERT_TRUE(time);
    time_ = std::move(*time);
  }
  void persist(std::vector<StateEntry> entries) {
    CommitGroup group;
    group.state = std::move(entries);
    ASSERT_TRUE(store_->commit(group));
  }
  void persist_changes() {
    std::vector<StateEntry> changes;
    time_->take_changes(changes);
    persist(std::move(changes));
  }

  testkit::TemporaryDirectory directory_;
  testkit::ManualClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<TrustedTime> time_;
};

TEST_F(TrustedTimeTest, CertificatesAreJudgedByTheLaterOfClockAndFloor) {
  EXPECT_EQ(time_->tls_time_ms(), kNow);
  boot(k1970);
  EXPECT_EQ(time_->tls_time_ms(), kBuildDay * kMsPerDay);
  boot(k2100);
  EXPECT_EQ(time_->tls_time_ms(), k2100);
}

TEST_F(TrustedTimeTest, ADamagedFloorIsNotTaken) {
  for (const char* damaged : {"x", "-1", "19723x", "99999999999999999999", "9999999"}) {
    persist({{"clock", "floor_day", damaged}});
    const auto time = TrustedTime::load(*store_, clock_, kBuildDay);
    ASSERT_FALSE(time) << damaged;
    EXPECT_EQ(time.error().code, ErrorCode::kMalformed);
  }
}

TEST_F(TrustedTimeTest, NoSourceConfirmsItself) {
  EXPECT_FALSE(time_->confirmed()) << "RTC alone";
  time_->observe(TimeSource::kRtc, kNow);
  EXPECT_FALSE(time_->confirmed()) << "RTC observed beside itself";
  clock_.set_wall_ms(k1970);
  time_->observe(TimeSource::kGnss, kNow);
  EXPECT_FALSE(time_->confirmed()) << "GNSS alone";
}

TEST_F(TrustedTimeTest, TwoSourcesMoreThanADayApartConfirmNothing) {
  time_->observe(TimeSource::kGnss, kNow + kClockAgreementMs + 1);
  EXPECT_FALSE(time_->confirmed());
  time_->observe(TimeSource::kGnss, kNow + kClockAgreementMs);
  EXPECT_TRUE(time_->confirmed());
}

TEST_F(TrustedTimeTest, SourcesBelowTheFloorDoNotCount) {
  clock_.set_wall_ms((kBuildDay - 5) * kMsPerDay);
  time_->observe(TimeSource::kGnss, (kBuildDay - 5) * kMsPerDay);
  EXPECT_FALSE(time_->confirmed());
  EXPECT_EQ(time_->day(), kBuildDay);
}

TEST_F(TrustedTimeTest, SourcesAbsurdlyFarAheadDoNotCount) {
  clock_.set_wall_ms((kBuildDay + kClockAheadDaysMax + 1) * kMsPerDay);
  time_->observe(TimeSource::kGnss, clock_.wall_ms());
  EXPECT_FALSE(time_->confirmed());
  clock_.set_wall_ms((kBuildDay + kClockAheadDaysMax) * kMsPerDay);
  time_->observe(TimeSource::kGnss, clock_.wall_ms());
  EXPECT_TRUE(time_->confirmed());
}

TEST_F(TrustedTimeTest, NonsenseIsNoObservation) {
  time_->observe(TimeSource::kTls, kNow);
  ASSERT_TRUE(time_->confirmed());
  for (const std::int64_t nonsense : {std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}}) {
    time_->observe(TimeSource::kTls, nonsense);
    clock_.advance_ms(1);
    EXPECT_TRUE(time_->confirmed());
  }
  clock_.set_wall_ms(std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(time_->confirmed());
  EXPECT_EQ(time_->day(), kBuildDay);
  clock_.set_wall_ms(std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(time_->confirmed());
}

TEST_F(TrustedTimeTest, TwoSourcesConfirmTheDay) {
  for (const TimeSource source : {TimeSource::kGnss, TimeSource::kTls, TimeSource::kSigned}) {
    boot(kNow);
    time_->observe(source, kNow);
    EXPECT_TRUE(time_->confirmed()) << literal_of(source).view();
    EXPECT_EQ(time_->day(), kToday);
  }
}

TEST_F(TrustedTimeTest, TwoSourcesOutvoteAWrongClock) {
  clock_.set_wall_ms(kNow + 40 * kMsPerDay);
  time_->observe(TimeSource::kGnss, kNow);
  time_->observe(TimeSource::kTls, kNow + 1000);
  EXPECT_TRUE(time_->confirmed());
  EXPECT_EQ(time_->day(), kToday);
}

TEST_F(TrustedTimeTest, AnObservationIsCarriedForwardUntilItIsStale) {
  time_->observe(TimeSource::kGnss, kNow);
  clock_.advance_ms(kObservationAgeMsMax);
  EXPECT_TRUE(time_->confirmed());
  EXPECT_EQ(time_->day(), kToday + 7);
  clock_.advance_ms(1);
  EXPECT_FALSE(time_->confirmed());
}

TEST_F(TrustedTimeTest, AClockThatJumpsIsNoLongerConfirmed) {
  time_->observe(TimeSource::kGnss, kNow);
  ASSERT_TRUE(time_->confirmed());
  clock_.set_wall_ms(kNow + 3 * kMsPerDay);
  EXPECT_FALSE(time_->confirmed());
}

TEST_F(TrustedTimeTest, AClockThatLagsOverMidnightStillSupports) {
  boot(kNow - 60'000);  // 23:59 of the day before
  time_->observe(TimeSource::kGnss, kNow);
  persist_changes();
  EXPECT_EQ(time_->floor_day(), kToday);
  EXPECT_TRUE(time_->confirmed());
  EXPECT_EQ(time_->day(), kToday);
}

TEST_F(TrustedTimeTest, TheFloorOutlivesARestartAndNeverFalls) {
  time_->observe(TimeSource::kGnss, kNow);
  persist_changes();
  boot(k1970);
  EXPECT_EQ(time_->floor_day(), kToday);
  time_->raise_floor(kToday - 10);
  EXPECT_EQ(time_->floor_day(), kToday);
  time_->raise_floor(kToday + 10);
  persist_changes();
  boot(k1970);
  EXPECT_EQ(time_->floor_day(), kToday + 10);
}

TEST_F(TrustedTimeTest, ChangesAreTakenOnce) {
  time_->observe(TimeSource::kGnss, kNow);
  std::vector<StateEntry> changes;
  time_->take_changes(changes);
  EXPECT_EQ(changes.size(), 1u);
  time_->take_changes(changes);
  EXPECT_EQ(changes.size(), 1u);
}

TEST(TimeSourceTest, NamesAreDistinct) {
  std::set<std::string_view> names;
  for (const TimeSource source :
       {TimeSource::kGnss, TimeSource::kRtc, TimeSource::kTls, TimeSource::kSigned}) {
    names.insert(literal_of(source).view());
  }
  EXPECT_EQ(names.size(), 4U);
  EXPECT_EQ(literal_of(static_cast<TimeSource>(9)).view(), "unknown");
}

TEST_F(TrustedTimeTest, BootsAt1970And2100AndNow) {
  persist_changes();
  boot(k1970);
  EXPECT_FALSE(time_->confirmed());
  EXPECT_EQ(time_->day(), kBuildDay);
  persist_changes();
  boot(k2100);
  time_->observe(TimeSource::kGnss, k2100);
  EXPECT_FALSE(time_->confirmed());
  EXPECT_EQ(time_->day(), k2100 / kMsPerDay);
  persist_changes();
  EXPECT_EQ(time_->floor_day(), kBuildDay);
  boot(kNow);
  time_->observe(TimeSource::kGnss, kNow);
  EXPECT_TRUE(time_->confirmed());
  EXPECT_EQ(time_->day(), kToday);
}

}  // namespace
}  // namespace sudare
