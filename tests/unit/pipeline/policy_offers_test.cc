#include "gateway/pipeline_offers.h"

#include <gtest/gtest.h>

#include <array>

namespace sudare {
namespace {

constexpr std::int64_t kNow = 1'000'000;
constexpr std::int64_t kToday = 20'000;

std::string looks_signed(const std::string& text) { return text + "\n# sudare-signature: x\n"; }

OfferedTexts of(std::initializer_list<std::string> all) {
  OfferedTexts texts;
  for (const std::string& one : all) texts.add(one);
  return texts;
}

// M5 of the review.
TEST(OfferedTexts, WhatNobodySignedTakesNoRoomAndIsCounted) {
  OfferedTexts texts = of({looks_signed("a"), "junk", "not a line # sudare-signature:", ""});
  EXPECT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts.take_not_signed(), 3U);
  EXPECT_EQ(texts.take_front(), looks_signed("a"));
  EXPECT_TRUE(texts.empty());
}

TEST(OfferedTexts, NumberAndBytesAreBounded) {
  OfferedTexts texts;
  for (std::size_t i = 0; i <= kOfferedTextsMax; ++i) texts.add(looks_signed(std::to_string(i)));
  EXPECT_EQ(texts.size(), kOfferedTextsMax);
  EXPECT_EQ(texts.take_dropped(), 1U);
  OfferedTexts large;
  const std::string most = looks_signed(std::string(kPolicyOverAirBytesMax - 30, 'x'));
  for (const char* end : {"a", "b", "c"}) large.add(most + end);
  EXPECT_EQ(large.size(), 2U);
  texts.append(std::move(large));
  EXPECT_EQ(texts.take_dropped(), 3U) << "none has room, and one was dropped before";
}

// Whoever sends the policy in force again and again kept every place of a new one.
TEST(OfferedTexts, ATextThatWaitsTakesNoSecondPlace) {
  OfferedTexts texts;
  for (std::size_t i = 0; i <= kOfferedTextsMax; ++i) texts.add(looks_signed("old"));
  texts.append(of({looks_signed("old"), looks_signed("new")}));
  EXPECT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts.take_dropped(), 0U);
  EXPECT_EQ(texts.take_front(), looks_signed("old"));
  EXPECT_EQ(texts.take_front(), looks_signed("new"));
}

TEST(PolicyOffers, NothingWaits) {
  PolicyOffers offers;
  EXPECT_FALSE(offers.next(kNow, kToday));
  EXPECT_EQ(offers.due_in_ms(kNow), -1);
}

TEST(PolicyOffers, FreshOnesComeInTheirOrderAndNoneInAnothersPlace) {
  PolicyOffers offers;
  EXPECT_EQ(offers.add(of({looks_signed("a")})), 0U);
  EXPECT_EQ(offers.add(of({looks_signed("b")})), 0U);
  EXPECT_EQ(offers.due_in_ms(kNow), 0);
  EXPECT_EQ(offers.next(kNow, kToday), looks_signed("a"));
  EXPECT_EQ(offers.next(kNow, kToday), looks_signed("b"));
  EXPECT_FALSE(offers.next(kNow, kToday));
}

TEST(PolicyOffers, LooksAreBoundedPerTime) {
  PolicyOffers offers;
  int texts = 0;
  const auto add = [&] { return offers.add(of({looks_signed(std::to_string(++texts))})); };
  for (std::int64_t i = 0; i < kLooksAtOnceMax; ++i) {
    EXPECT_EQ(add(), 0U);
    EXPECT_TRUE(offers.next(kNow, kToday));
  }
  for (std::size_t i = 0; i < kOfferedTextsMax; ++i) EXPECT_EQ(add(), 0U);
  EXPECT_EQ(add(), 1U) << "too many wait";
  EXPECT_FALSE(offers.next(kNow, kToday));
  EXPECT_EQ(offers.due_in_ms(kNow), kLookEveryMs);
  EXPECT_FALSE(offers.next(kNow + kLookEveryMs - 1, kToday));
  EXPECT_TRUE(offers.next(kNow + kLookEveryMs, kToday));
  EXPECT_FALSE(offers.next(kNow + kLookEveryMs, kToday));
}

TEST(PolicyOffers, OneWhoseDayHasNotComeIsLookedAtOnAnotherWhateverCameSince) {
  PolicyOffers offers;
  offers.not_today("tomorrow", 5, kToday);
  EXPECT_EQ(offers.add(of({"junk", looks_signed("junk")})), 0U);
  EXPECT_EQ(offers.next(kNow, kToday), looks_signed("junk"));
  EXPECT_FALSE(offers.next(kNow, kToday));
  EXPECT_EQ(offers.next(kNow, kToday + 1), "tomorrow");
  EXPECT_FALSE(offers.next(kNow, kToday + 2)) << "until it is given back";
}

TEST(PolicyOffers, OneThatTheDiskDidNotTakeIsTriedAgain) {
  PolicyOffers offers;
  offers.not_kept("new", 5, kNow);
  EXPECT_EQ(offers.due_in_ms(kNow + 1), kOfferAgainMs - 1);
  EXPECT_FALSE(offers.next(kNow + kOfferAgainMs - 1, kToday));
  EXPECT_EQ(offers.next(kNow + kOfferAgainMs, kToday), "new");
}

TEST(PolicyOffers, OneThatTheDiskDidNotTakeIsNotTriedSoonerWhereItIsSentAgain) {
  PolicyOffers offers;
  const std::string text = looks_signed("new");
  offers.not_kept(text, 5, kNow);
  EXPECT_EQ(offers.add(of({text, looks_signed("other")})), 0U);
  EXPECT_FALSE(offers.next(kNow, kToday));
  EXPECT_EQ(offers.next(kNow, kToday), looks_signed("other"));
  EXPECT_EQ(offers.next(kNow + kOfferAgainMs, kToday), text);
}

// Whoever has an old policy of the signers could send it again instead of junk.
TEST(PolicyOffers, AnOlderSignedOneDisplacesNothingAndANewerOneDoes) {
  PolicyOffers offers;
  for (const std::uint64_t serial : std::array<std::uint64_t, 3>{5, 6, 4}) {
    offers.not_today("day " + std::to_string(serial), serial, kToday);
    offers.not_kept("disk " + std::to_string(serial), serial, kNow);
  }
  EXPECT_EQ(offers.next(kNow + kOfferAgainMs, kToday), "disk 6");
  EXPECT_EQ(offers.next(kNow, kToday + 1), "day 6");
}

TEST(PolicyOffers, WhatIsSupersededIsForgotten) {
  PolicyOffers offers;
  offers.not_today("day 5", 5, kToday);
  offers.not_kept("disk 6", 6, kNow);
  offers.in_force(5);
  EXPECT_EQ(offers.next(kNow + kOfferAgainMs, kToday + 1), "disk 6");
  EXPECT_FALSE(offers.next(kNow + kOfferAgainMs, kToday + 1));
}

}  // namespace
}  // namespace sudare
