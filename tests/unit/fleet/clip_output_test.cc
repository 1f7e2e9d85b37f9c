// Clips from chunks: order, repetition, gaps, other runs, damage.
#include "fleet/open/clip_output.h"

#include <gmock/gmock.h>
#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/crypto_init.h"
#include "fleet/open/record_output.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/temporary_directory.h"

namespace sudare {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Pair;

constexpr const char* kPurpose = "evidence";
constexpr std::size_t kChunkBytes = 1000;

std::string hash_of(const std::string& bytes) {
  std::string hash(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr,
                     0);
  return hash;
}

// A clip of some chunks, each in a batch of its own as the car sends them.
struct SentClip {
  explicit SentClip(char id, std::string sender = std::string(16, 'p'), std::size_t bytes = 4321)
      : content(bytes, id) {
    for (std::size_t at = 0; at < content.size(); at += kChunkBytes) {
      VerifiedBatch verified;
      verified.verified = Verified::kSelf;
      verified.batch.set_purpose(kPurpose);
      verified.batch.set_pseudonym(sender);
      verified.batch.set_batch_id(std::string(16, 'b'));
      verified.batch.set_first_record(batches.size());
      v1::ClipChunk& chunk = *verified.batch.add_chunks();
      chunk.set_clip_id(std::string(16, id));
      chunk.set_index(static_cast<std::uint32_t>(batches.size()));
      chunk.set_offset(at);
      chunk.set_data(content.substr(at, kChunkBytes));
      batches.push_back(std::move(verified));
    }
    v1::ClipManifest& manifest = *last().mutable_manifest();
    manifest.set_chunk_count(static_cast<std::uint32_t>(batches.size()));
    manifest.set_clip_bytes(content.size());
    manifest.set_clip_hash(hash_of(content));
    manifest.set_profile(v1::ClipManifest::SKETCH);
    manifest.set_trigger(v1::ClipManifest::IMPACT);
  }
  v1::ClipChunk& last() { return *batches.back().batch.mutable_chunks(0); }

  std::string content;
  std::vector<VerifiedBatch> batches;
};

class ClipOutputTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto_init().has_value());
    output.open(directory.path(), kPurpose);
  }
  void take(const VerifiedBatch& batch) {
    const Status done = output.take(batch, lines);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().what.view());
  }
  [[nodiscard]] fs::path folder() const { return directory.path() / "evidence.clips"; }
  [[nodiscard]] std::vector<IncompleteClip> incomplete() const { return *output.incomplete(); }

  testkit::TemporaryDirectory directory;
  ClipOutput output;
  std::string lines;
};

TEST_F(ClipOutputTest, ChunksInAnyOrderBecomeTheClip) {
  SentClip clip('c');
  std::reverse(clip.batches.begin(), clip.batches.end());
  for (const VerifiedBatch& batch : clip.batches) take(batch);
  const auto line = nlohmann::json::parse(lines);
  EXPECT_EQ(line.at("profile"), "sketch");
  EXPECT_EQ(line.at("trigger"), "impact");
  EXPECT_EQ(line.at("verified"), "self");
  EXPECT_EQ(testkit::read_file(directory.path() / line.at("clip").get<std::string>()),
            clip.content);
  EXPECT_TRUE(incomplete().empty());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()), 1)
      << "nothing but the clip is left";
}

TEST_F(ClipOutputTest, WhatCameTwiceIsCountedAndHarmsNothing) {
  SentClip clip('c');
  take(clip.batches[2]);
  for (const VerifiedBatch& batch : clip.batches) take(batch);
  for (const VerifiedBatch& batch : clip.batches) take(batch);
  EXPECT_EQ(output.counts().complete, 1U);
  EXPECT_EQ(output.counts().duplicates, 1 + clip.batches.size());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

TEST_F(ClipOutputTest, MissingChunksAreNamed) {
  SentClip clip('c', std::string(16, 'p'), 6500);
  take(clip.batches[0]);
  take(clip.batches[4]);
  ASSERT_EQ(incomplete().size(), 1U);
  EXPECT_EQ(incomplete()[0].of, 0U) << "the last one has not said how many there are";
  EXPECT_THAT(incomplete()[0].missing, ElementsAre(Pair(1, 3)));
  take(clip.batches[6]);
  EXPECT_EQ(incomplete()[0].of, 7U);
  EXPECT_EQ(incomplete()[0].have, 3U);
  EXPECT_THAT(incomplete()[0].missing, ElementsAre(Pair(1, 3), Pair(5, 1)));
}

TEST_F(ClipOutputTest, ALaterRunGoesOnWhereOneStopped) {
  SentClip clip('c');
  take(clip.batches[4]);
  take(clip.batches[1]);
  ClipOutput later;
  later.open(directory.path(), kPurpose);
  for (const std::size_t i : {0U, 2U, 3U}) ASSERT_TRUE(later.take(clip.batches[i], lines));
  EXPECT_EQ(later.counts().complete, 1U);
  EXPECT_FALSE(lines.empty());
}

TEST_F(ClipOutputTest, AClipThatIsNotWhatItsManifestSaysIsNoClip) {
  SentClip clip('c');
  clip.batches[1].batch.mutable_chunks(0)->mutable_data()->at(7) ^= 1;
  for (const VerifiedBatch& batch : clip.batches) take(batch);
  EXPECT_EQ(output.counts().damaged, 1U);
  EXPECT_TRUE(lines.empty());
  EXPECT_TRUE(fs::is_directory(folder() / "70707070707070707070707070707070-"
                                          "63636363636363636363636363636363.damaged"));
}

TEST_F(ClipOutputTest, ADamagedClipThatComesAgainIsTheSame) {
  SentClip clip('c');
  clip.batches[1].batch.mutable_chunks(0)->mutable_data()->at(7) ^= 1;
  for (int times = 0; times < 2; ++times) {
    for (const VerifiedBatch& batch : clip.batches) take(batch);
  }
  EXPECT_EQ(output.counts().damaged, 2U);
  EXPECT_TRUE(incomplete().empty());
}

TEST_F(ClipOutputTest, AChunkPastTheLastMakesNoClipWhole) {
  SentClip clip('c');
  SentClip longer('c', std::string(16, 'p'), 9000);
  longer.batches.pop_back();
  take(longer.batches[7]);
  for (std::size_t i = 1; i < clip.batches.size(); ++i) take(clip.batches[i]);
  EXPECT_EQ(output.counts().complete + output.counts().damaged, 0U);
  take(clip.batches[0]);
  EXPECT_EQ(output.counts().complete, 1U);
}

TEST_F(ClipOutputTest, AnotherSendersChunkIsNoPartOfTheClip) {
  SentClip clip('c');
  SentClip forged('c', std::string(16, 'q'));
  take(forged.batches[0]);
  for (std::size_t i = 1; i < clip.batches.size(); ++i) take(clip.batches[i]);
  EXPECT_EQ(output.counts().complete, 0U);
  take(clip.batches[0]);
  EXPECT_EQ(output.counts().complete, 1U);
}

TEST_F(ClipOutputTest, WhatIsNoChunkIsRefused) {
  const auto refused = [&](auto spoil) {
    SentClip clip('c');
    spoil(clip.last());
    const Status done = output.take(clip.batches.back(), lines);
    return !done && done.error().code == ErrorCode::kMalformed;
  };
  EXPECT_TRUE(refused([](v1::ClipChunk& chunk) { chunk.set_clip_id("../../../../etc/x"); }));
  EXPECT_TRUE(refused([](v1::ClipChunk& chunk) { chunk.clear_data(); }));
  EXPECT_TRUE(refused([](v1::ClipChunk& chunk) { chunk.set_index(kClipChunksMax); }));
  EXPECT_TRUE(refused([](v1::ClipChunk& chunk) { chunk.mutable_manifest()->set_chunk_count(2); }));
  EXPECT_TRUE(refused([](v1::ClipChunk& chunk) { chunk.mutable_manifest()->clear_clip_hash(); }));
  EXPECT_TRUE(incomplete().empty());
}

TEST_F(ClipOutputTest, StandardOutputTakesNoClip) {
  ClipOutput none;
  none.open({}, kPurpose);
  const Status done = none.take(SentClip('c').batches[0], lines);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kRefused);
}

TEST_F(ClipOutputTest, AnOrderErasesClipsWholeOrNot) {
  SentClip whole('c');
  SentClip part('d');
  SentClip other('e', std::string(16, 'q'));
  for (const VerifiedBatch& batch : whole.batches) take(batch);
  for (const VerifiedBatch& batch : other.batches) take(batch);
  take(part.batches[0]);
  ErasureOrder order;
  order.purpose = kPurpose;
  order.first_day = order.last_day = 20'000;  // a clip has no day
  order.pseudonyms.emplace_back();
  std::fill(order.pseudonyms[0].begin(), order.pseudonyms[0].end(), 'p');
  ErasureOrders orders;
  ASSERT_TRUE(orders.add(order, kPurpose));
  EXPECT_EQ(*erase_clips(directory.path(), kPurpose, orders), 2U);
  EXPECT_TRUE(incomplete().empty());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace sudare
