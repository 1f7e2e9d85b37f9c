// Events that wait for their clip, and what of them is on disk.
#include "gateway/clips/clip_events.h"

#include "tests/testkit/fixtures.h"
#include "tests/unit/seal/car.h"

namespace sudare {
namespace {

class ClipEventsTest : public ::testing::Test {
 protected:
  ClipEventsTest() { load(); }
  void load(std::int64_t day = 20'000) {
    tags.emplace(std::move(*ClipTags::load(*car.store)));
    std::vector<StateEntry> changes;
    events.emplace(std::move(*ClipEvents::load(*car.store, *tags, car.clock, day, changes)));
    car.persist(std::move(changes));
  }
  static ClipNotice notice(const std::string& file, std::int64_t moment_ms = 1000) {
    return {file, "DR-1", v1::Clips::MANUAL, moment_ms};
  }
  Status take(const ClipNotice& notice, std::int64_t day = 20'000) {
    std::vector<StateEntry> changes;
    const Status taken = events->take(notice, day, changes);
    car.persist(std::move(changes));
    return taken;
  }

  seal_test::Car car;
  std::optional<ClipTags> tags;
  std::optional<ClipEvents> events;
};

TEST_F(ClipEventsTest, AreThereAfterARestart) {
  ASSERT_TRUE(take(notice("a.mp4", 90'000)));
  car.reboot();
  load();
  const PendingEvent* const event = events->find("a.mp4");
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->trigger, v1::Clips::MANUAL);
  EXPECT_EQ(event->moment_ms, 90'000U);
  EXPECT_EQ(event->model_tag, tags->of_model("DR-1"));
  EXPECT_EQ(events->find("b.mp4"), nullptr);
}

TEST_F(ClipEventsTest, NoNameIsOnDisk) {
  ASSERT_TRUE(take(notice("20260101-120000-EVENT.mp4")));
  car.shut();
  std::string disk;
  for (const auto& entry : std::filesystem::directory_iterator(car.directory.path() / "state")) {
    disk += testkit::read_file(entry.path());
  }
  EXPECT_NE(disk.find("event/"), std::string::npos);
  EXPECT_EQ(disk.find("EVENT.mp4"), std::string::npos);
  EXPECT_EQ(disk.find("20260101"), std::string::npos);
  EXPECT_EQ(disk.find("DR-1"), std::string::npos);
}

TEST_F(ClipEventsTest, TagsOfTwoStoresDiffer) {
  seal_test::Car other;
  EXPECT_NE(tags->of_event("a.mp4"), ClipTags::load(*other.store)->of_event("a.mp4"));
}

TEST_F(ClipEventsTest, WhatNamesNoFileIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../a"), std::string("/a"),
        std::string(256, 'a'), std::string("a\0b", 3)}) {
    EXPECT_FALSE(take(notice(name)));
  }
  EXPECT_FALSE(take(notice("a", -1)));
  EXPECT_FALSE(take(notice("a", kClipMomentMsMax + 1)));
  EXPECT_FALSE(take({"a", "", v1::Clips::TRIGGER_UNSPECIFIED, 0}));
  EXPECT_EQ(events->size(), 0U);
}

TEST_F(ClipEventsTest, TheOldestMakesRoom) {
  for (std::size_t i = 0; i <= kClipEventsMax; ++i) {
    ASSERT_TRUE(take(notice(std::to_string(i))));
    car.clock.advance_ms(1);
  }
  EXPECT_EQ(events->size(), kClipEventsMax);
  EXPECT_EQ(events->find("0"), nullptr);
  car.reboot();
  load();
  EXPECT_EQ(events->size(), kClipEventsMax);
}

TEST_F(ClipEventsTest, ExpireUnlessTheirFileIsThere) {
  ASSERT_TRUE(take(notice("here")));
  ASSERT_TRUE(take(notice("not here")));
  const std::string here = tags->of_event("here");
  const auto kept = [&here](const std::string& tag) { return tag == here; };
  std::vector<StateEntry> changes;
  EXPECT_EQ(events->expire(1000, kept, changes), 0U);
  car.clock.advance_ms(1000);
  EXPECT_EQ(events->expire(1000, kept, changes), 1U);
  EXPECT_NE(events->find("here"), nullptr);
}

TEST_F(ClipEventsTest, AWeekEndsTheWaitWhateverRestartsThereWere) {
  ASSERT_TRUE(take(notice("a")));
  car.reboot();
  load(20'000 + kClipEventDaysMax);
  EXPECT_EQ(events->size(), 1U);
  load(20'001 + kClipEventDaysMax);
  EXPECT_EQ(events->size(), 0U);
  load();
  EXPECT_EQ(events->size(), 0U) << "it is gone from the disk, too";
}

}  // namespace
}  // namespace sudare
