// From the spool directory to the outbox.
#include <sodium.h>

#include "gateway/clips/clip_tags.h"
#include "tests/unit/clips/clips_fixture.h"

namespace sudare::clips_test {
namespace {

TEST_F(ClipsTest, AClipThatAnEventNamesIsReleasedInPieces) {
  watch();
  const std::string content = record("a.mp4", 4 * kPieceBytes + 1000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  const auto pieces = chunks();
  ASSERT_EQ(pieces.size(), 5U);
  EXPECT_EQ(joined(pieces), content);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pieces[i].index(), i);
    EXPECT_EQ(pieces[i].offset(), std::uint64_t{i} * kPieceBytes);
    EXPECT_EQ(pieces[i].clip_id(), pieces[0].clip_id());
    EXPECT_EQ(pieces[i].has_manifest(), i == 4);
  }
  const v1::ClipManifest& manifest = pieces[4].manifest();
  EXPECT_EQ(manifest.chunk_count(), 5U);
  EXPECT_EQ(manifest.clip_bytes(), content.size());
  EXPECT_EQ(manifest.profile(), v1::ClipManifest::SKETCH);
  EXPECT_EQ(manifest.trigger(), v1::ClipManifest::IMPACT);
  std::string hash(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     bytes_of(content).data(), content.size(), nullptr, 0);
  EXPECT_EQ(manifest.clip_hash(), hash);
  EXPECT_EQ(rows("repair", Fate::kQueued), 5);
}

TEST_F(ClipsTest, WholePiecesHaveTheManifestInTheLast) {
  watch();
  for (const std::size_t size : {std::size_t{kPieceBytes}, std::size_t{2 * kPieceBytes}}) {
    const std::string name = std::to_string(size);
    record(name, size);
    event(name);
    ASSERT_TRUE(settle());
  }
  const auto pieces = chunks();
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_TRUE(pieces[0].has_manifest());
  EXPECT_FALSE(pieces[1].has_manifest());
  EXPECT_TRUE(pieces[2].has_manifest());
}

TEST_F(ClipsTest, TheEventMayComeFirst) {
  watch();
  event("a.mp4");
  ASSERT_TRUE(turn_until([&] { return clips->status().spool_there; }));
  record("a.mp4", 1000);
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; }));
}

TEST_F(ClipsTest, FilesThatWereThereBeforeAreTakenToo) {
  record("a.mp4", 1000);
  watch();
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().released, 1U);
}

TEST_F(ClipsTest, AnEventOutlivesARestart) {
  watch();
  event("a.mp4");
  reboot();
  record("a.mp4", 1000);
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; }));
}

TEST_F(ClipsTest, WithoutAnEventItIsRejectedAndCounted) {
  plan().delete_rejected = true;
  watch();
  ASSERT_TRUE(settle());
  record("a.mp4", 1000);
  ASSERT_TRUE(settle(1));
  car.clock.advance_ms(600'000);
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kNoEvent), 1U);
  EXPECT_EQ(rows("", Fate::kRejected), 1);
  EXPECT_FALSE(std::filesystem::exists(spool() / "a.mp4"));
}

TEST_F(ClipsTest, EventsOfOtherKindsAreNotWanted) {
  plan().delete_rejected = plan().delete_afterwards = true;
  watch();
  record("a.mp4", 1000);
  event("a.mp4", v1::Clips::MANUAL);
  ASSERT_TRUE(settle());
  EXPECT_EQ(car.store->account().total().taken, 0U);
  EXPECT_TRUE(std::filesystem::exists(spool() / "a.mp4")) << "nobody took it";
}

TEST_F(ClipsTest, WhatThePolicySaysBecomesOfTheFile) {
  watch();
  record("kept.mp4", 1000);
  event("kept.mp4");
  ASSERT_TRUE(settle());
  plan().delete_afterwards = true;
  record("deleted.mp4", 1000);
  event("deleted.mp4");
  record("refused.mp4", 1000, "REFUSE__");
  event("refused.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().released, 2U);
  EXPECT_TRUE(std::filesystem::exists(spool() / "kept.mp4"));
  EXPECT_FALSE(std::filesystem::exists(spool() / "deleted.mp4"));
  EXPECT_TRUE(std::filesystem::exists(spool() / "refused.mp4"));
}

TEST_F(ClipsTest, EveryPurposeThatWantsItReceivesItBeforeItIsDeleted) {
  give_clips(kDriving);
  plan(kRepair).delete_afterwards = plan(kDriving).delete_afterwards = true;
  watch();
  const std::string content = record("a.mp4", 100'000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(joined(chunks("repair")), content);
  EXPECT_EQ(joined(chunks("driving-diagnosis")), content);
  EXPECT_FALSE(std::filesystem::exists(spool() / "a.mp4"));
}

TEST_F(ClipsTest, ARefusedClipIsOneRow) {
  watch();
  record("a.mp4", 300'000, "REFUSE__");
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_TRUE(chunks().empty());
  EXPECT_EQ(rows("repair", Fate::kRejected), 1);
  EXPECT_EQ(not_released(Reason::kClipRefused), 1U);
}

TEST_F(ClipsTest, AFindingReleasesNothingThoughPiecesWereStored) {
  watch();
  record("a.mp4", 300'000, "FINDING_");
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_TRUE(chunks().empty());
  EXPECT_EQ(car.store->status().rows, 0U);
  EXPECT_EQ(rows("repair", Fate::kRejected), 1);
  EXPECT_EQ(not_released(Reason::kClipFindings), 1U);
}

TEST_F(ClipsTest, ACrashIsTriedOnceMoreAtOnceThenAfterPauses) {
  watch();
  record("a.mp4", 300'000, "CRASH___");
  event("a.mp4");
  ASSERT_TRUE(turn_until([&] { return clips->status().retried == 2; }));
  turn_for(100);
  EXPECT_EQ(clips->status().retried, 2U);
  EXPECT_EQ(clips->status().failing, 1U);
  ASSERT_TRUE(give_up());
  EXPECT_EQ(clips->status().retried, 9U);
  EXPECT_EQ(not_released(Reason::kClipFailed), 1U);
  EXPECT_EQ(car.store->status().rows, 0U);
  EXPECT_EQ(rows("repair", Fate::kRejected), 1);
}

TEST_F(ClipsTest, WhatHangsIsKilled) {
  watch();
  record("a.mp4", 1000, "HANG____");
  event("a.mp4");
  for (unsigned i = 1; i <= 2; ++i) {
    ASSERT_TRUE(turn_until([&] { return clips->status().in_work; }));
    car.clock.advance_ms(600'000);
    ASSERT_TRUE(turn_until([&] { return clips->status().retried == i; }));
  }
}

TEST_F(ClipsTest, ASketchMayTakeFourTimesItsProcessorTime) {
  watch();
  record("a.mp4", 10'000'000, "HANG____");  // 30 s and 1 s per 0.5 MB: 50 s
  event("a.mp4");
  ASSERT_TRUE(turn_until([&] { return clips->status().in_work; }));
  car.clock.advance_ms(199'000);
  turn_for(300);
  EXPECT_EQ(clips->status().retried, 0U);
  car.clock.advance_ms(2'000);
  EXPECT_TRUE(turn_until([&] { return clips->status().retried == 1; }));
}

// --- what changes in the middle

class ClipsInWork : public ClipsTest {
 protected:
  // A clip with a piece in the store and more to come.
  void begin() {
    watch();
    content = record("a.mp4", 40 * kPieceBytes);
    event("a.mp4");
    ASSERT_TRUE(turn_until([&] { return car.store->held_rows() > 1; }));
  }
  std::string content;
};

TEST_F(ClipsInWork, AWithdrawalOfConsentDropsIt) {
  begin();
  closed.insert(kRepair);
  clips->gates_changed();
  ASSERT_TRUE(settle());
  EXPECT_EQ(car.store->status().rows, 0U);
  EXPECT_EQ(rows("repair", Fate::kNotConsented), 1);
  EXPECT_EQ(clips->status().released, 0U);
}

TEST_F(ClipsInWork, AnotherPolicyStartsItAnew) {
  begin();
  plan().chunk_bytes = 2 * kPieceBytes - kClipChunkOverheadBytes;
  clips->use_policy(car.policy);
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().started_anew, 1U);
  EXPECT_EQ(chunks().at(0).data().size(), plan().chunk_bytes);
  EXPECT_EQ(joined(chunks()), content);
}

TEST_F(ClipsInWork, AnotherPseudonymStartsItAnew) {
  begin();
  car.clock.advance_ms(kMsPerDay);
  car.confirm_time();
  (void)car.commit();
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().started_anew, 1U);
  EXPECT_EQ(clips->status().released, 1U);
  EXPECT_EQ(joined(chunks()), content);
}

TEST_F(ClipsInWork, ARestartStartsItAnewAndNothingIsThereTwice) {
  begin();
  reboot();
  EXPECT_EQ(car.store->status().rows, 0U);
  ASSERT_TRUE(settle());
  EXPECT_EQ(joined(chunks()), content);
  EXPECT_EQ(rows("repair", Fate::kQueued), 40);
}

TEST_F(ClipsInWork, AFileThatChangesMeanwhileIsNotReleasedAsItWas) {
  begin();
  std::ofstream(spool() / "a.mp4", std::ios::app) << "more";
  content += "more";
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().released, 1U);
  EXPECT_EQ(joined(chunks()), content);
}

TEST_F(ClipsTest, AfterTheReleaseARestartDeletesTheFileAndSendsNothing) {
  plan().delete_afterwards = true;
  watch();
  record("a.mp4", 100'000);
  event("a.mp4");
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 1; }));
  ASSERT_TRUE(std::filesystem::exists(spool() / "a.mp4"));
  reboot();
  ASSERT_TRUE(settle());
  EXPECT_FALSE(std::filesystem::exists(spool() / "a.mp4"));
  EXPECT_EQ(clips->status().released, 0U);
  EXPECT_EQ(rows("repair", Fate::kQueued), 2);
}

TEST_F(ClipsTest, AKeptFileIsNotTakenAgain) {
  watch();
  record("a.mp4", 1000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  event("a.mp4");  // as the in-vehicle broker may repeat it
  reboot();
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(rows("repair", Fate::kQueued), 1);
  EXPECT_EQ(clips->status().released, 0U);
}

TEST_F(ClipsTest, AKeptFileIsNotRejectedLaterForWantOfAnEvent) {
  watch();
  record("a.mp4", 1000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  commit_changes();
  plan().delete_rejected = true;
  car.policy.purposes[kRepair].name = "another-repair";  // the policy changes, too
  reboot();
  ASSERT_TRUE(settle());
  car.clock.advance_ms(600'000);
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kNoEvent), 0U);
  EXPECT_TRUE(std::filesystem::exists(spool() / "a.mp4"));
}

TEST_F(ClipsTest, ANameThatIsUsedAgainIsAnotherClip) {
  watch();
  record("a.mp4", 1000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  event("a.mp4");
  record("a.mp4", 2000);
  ASSERT_TRUE(turn_until([&] { return clips->status().released == 2; }));
}

TEST_F(ClipsTest, WhatIsGoneIsForgotten) {
  watch();
  record("a.mp4", 1000);
  event("a.mp4");
  ASSERT_TRUE(settle());
  record("b.mp4", 1000);  // where nothing is left, a card may have been taken out
  std::filesystem::remove(spool() / "a.mp4");
  car.clock.advance_ms(590'000);
  turn_for(50);
  car.clock.advance_ms(10'000);
  ASSERT_TRUE(turn_until([&] {
    commit_changes();
    const auto states = car.store->states(kClipsModule);
    return states->size() == 1;  // the key
  }));
}

// --- room

class ClipsRoom : public ClipsTest {
 protected:
  // Rows of another purpose, until there is no room.
  void fill() {
    while (rows("driving-diagnosis", Fate::kEvicted) == 0) {
      for (int i = 0; i < 50; ++i) car.add(kDriving, noise(15'000));
      (void)car.commit(true);
    }
  }
  static std::string noise(std::size_t bytes) {
    std::string text(bytes, '\0');
    randombytes_buf(text.data(), text.size());
    return text;
  }
};

TEST_F(ClipsRoom, WaitsForRoomAndEvictsNothing) {
  watch();
  fill();
  const std::int64_t queued = rows("driving-diagnosis", Fate::kQueued);
  record("a.mp4", 50 * kPieceBytes);
  event("a.mp4");
  ASSERT_TRUE(turn_until([&] { return clips->status().no_room == 1; }));
  ASSERT_TRUE(settle(1));
  EXPECT_EQ(rows("driving-diagnosis", Fate::kQueued), queued);
  CommitGroup group;
  group.withdrawn = {"driving-diagnosis"};
  ASSERT_TRUE(car.store->commit(group));
  car.clock.advance_ms(10'000);
  ASSERT_TRUE(settle());
  EXPECT_EQ(clips->status().released, 1U);
}

TEST_F(ClipsRoom, AClipThatCanNotFitIsRejected) {
  watch();
  record("a.mp4", 300 * kPieceBytes);
  event("a.mp4");
  ASSERT_TRUE(settle());
  EXPECT_EQ(not_released(Reason::kClipTooLarge), 1U);
  EXPECT_EQ(car.store->status().rows, 0U);
  EXPECT_EQ(rows("repair", Fate::kRejected), 1);
}

}  // namespace
}  // namespace sudare::clips_test
