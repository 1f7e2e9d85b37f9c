// What stands in the rows: opened with the purpose's key, by this project and by Debian's age.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "crypto/identity/padme.h"
#include "gateway/seal/batch_writer.h"
#include "gateway/store/outbox_reader.h"
#include "tests/testkit/fixtures.h"
#include "tests/testkit/not_run.h"
#include "tests/testkit/process.h"
#include "tests/unit/seal/car.h"

namespace sudare::seal_test {
namespace {

constexpr const char* kCanary = "canary-4b1d";

class SealedRowsTest : public testing::Test {
 protected:
  // Fragments and whole batches of every purpose, 60 records each.
  std::vector<Sealed> some_rows() {
    std::vector<Sealed> rows;
    for (int i = 0; i < 60; ++i) {
      for (PurposeIndex purpose = 0; purpose < kPurposeCount; ++purpose) {
        car_.add(purpose, kCanary + std::to_string(i));
      }
      SealPlan plan = car_.plan(i == 30);
      if (i % 10 != 0) continue;
      CommitGroup group;
      group.add = plan.add;
      group.replaced = plan.replaced;
      group.state = plan.state;
      EXPECT_TRUE(car_.store->commit(group));
      car_.sealer->committed();
      for (Sealed& sealed : plan.add) rows.push_back(std::move(sealed));
    }
    return rows;
  }
  std::filesystem::path write(const std::string& name, std::string_view bytes) {
    const auto path = car_.directory.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  Car car_;
};

TEST_F(SealedRowsTest, NoOtherKeyOpensARow) {
  for (const Sealed& row : some_rows()) {
    const std::size_t owner = car_.index_of(row.meta().purpose);
    for (std::size_t i = 0; i < car_.identities.size(); ++i) {
      std::string plaintext;
      const auto opened =
          age::open_side::open({&car_.identities[i], 1}, bytes_of(row.bytes()), plaintext);
      EXPECT_EQ(opened.has_value(), i == owner);
    }
  }
}

TEST_F(SealedRowsTest, PlaintextReachesNoFile) {
  some_rows();
  write("control", std::string("xx") + kCanary);
  int found = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(car_.directory.path())) {
    if (!file.is_regular_file()) continue;
    if (testkit::read_file(file.path()).find(kCanary) != std::string::npos) ++found;
  }
  EXPECT_EQ(found, 1) << "the control and nothing else";
}

TEST_F(SealedRowsTest, APseudonymousBatchSaysWhatItIs) {
  car_.add(kDriving, "1");
  const Opened row = car_.commit(true).at(0);
  const EpochKey& key = *car_.epochs->key(kDriving);
  const PurposePlan& purpose = car_.policy.purposes[kDriving];
  EXPECT_EQ(row.batch.purpose(), purpose.name);
  EXPECT_EQ(row.batch.pseudonym(), text_of(key.pseudonym));
  EXPECT_EQ(row.signed_by, key.public_key);
  EXPECT_EQ(row.batch.epoch_days(), 1u);
  EXPECT_EQ(row.batch.epoch(), kStartDay);
  EXPECT_EQ(row.batch.batch_id().size(), 16u);
  EXPECT_EQ(row.batch.policy_slice(), text_of(purpose.slice));
  ASSERT_EQ(row.batch.recipient_key_ids_size(), 1);
  EXPECT_EQ(row.batch.recipient_key_ids(0), text_of(purpose.recipients[0].key_id()));
  EXPECT_EQ(row.meta.shard, key.pseudonym[0]);
  EXPECT_EQ(row.plaintext_bytes, padme_bytes(row.plaintext_bytes));
  ASSERT_EQ(row.batch.records_size(), 1);
  const v1::Record& record = row.batch.records(0);
  EXPECT_EQ(record.topic(), "vehicle/topic");
  EXPECT_EQ(record.time_ms(), car_.clock.wall_ms());
  EXPECT_EQ(record.codec(), v1::Record::JSON);
  EXPECT_EQ(record.payload(), "1");
}

TEST_F(SealedRowsTest, RecordsWithEveryKindOfFieldAreReadBack) {
  const std::vector<Release::Content> contents = {
      {"", 0, Codec::kProtobuf, ""},
      {"a/b", -1, Codec::kJson, std::string("\0\xff", 2)},
      {std::string(300, 't'), 1, Codec::kProtobuf, std::string(40'000, 'p')}};
  for (const auto& content : contents) {
    car_.sealer->add(Release(MinimizeStage::passkey(), kEmergency, content));
  }
  std::size_t i = 0;
  for (const Sealed& sealed : car_.plan().add) {
    const Opened row = car_.open(sealed);
    for (const v1::Record& record : row.batch.records()) {
      const Release::Content& content = contents.at(i++);
      EXPECT_EQ(record.topic(), content.topic);
      EXPECT_EQ(record.time_ms(), content.time_ms);
      EXPECT_EQ(record.codec(), static_cast<int>(content.codec));
      EXPECT_EQ(record.payload(), content.payload);
    }
  }
  EXPECT_EQ(i, contents.size());
}

TEST_F(SealedRowsTest, NothingLinksTwoBatchesWithoutPseudonym) {
  car_.add(kTraffic, "1");
  const Opened row = car_.commit(true).at(0);
  EXPECT_FALSE(row.signed_by);
  v1::Batch expected;
  expected.set_purpose("traffic");
  expected.set_batch_id(row.batch.batch_id());
  expected.set_policy_slice(car_.policy.purposes[kTraffic].slice.data(), 16);
  expected.add_recipient_key_ids(
      text_of(car_.policy.purposes[kTraffic].recipients[0].key_id()).data(), 8);
  *expected.add_records() = row.batch.records(0);
  EXPECT_EQ(row.batch.SerializeAsString(), expected.SerializeAsString())
      << "no pseudonym, epoch or range";
}

TEST_F(SealedRowsTest, BatchesWithoutPseudonymHaveOneSize) {
  const std::size_t size = car_.policy.purposes[kTraffic].batch_bytes_max;
  for (const int records : {1, 10, 100}) {
    for (int i = 0; i < records; ++i) car_.add(kTraffic, std::to_string(i));
    for (const Opened& row : car_.commit(true)) EXPECT_EQ(row.plaintext_bytes, size);
  }
  std::string noise(40'000, '\0');  // does not compress
  random_bytes({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()});
  car_.add(kTraffic, noise);
  EXPECT_EQ(car_.commit(true).at(0).plaintext_bytes, 3 * size);
}

TEST_F(SealedRowsTest, AFullBatchOfNoiseStillHasTheOneSize) {
  std::string noise(100, '\0');
  for (int i = 0; i < 400; ++i) {
    random_bytes({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()});
    car_.add(kTraffic, noise);
  }
  const std::vector<Opened> rows = car_.commit(true);
  EXPECT_GT(rows.size(), 2u);
  for (const Opened& row : rows) {
    EXPECT_EQ(row.plaintext_bytes, car_.policy.purposes[kTraffic].batch_bytes_max);
  }
}

TEST_F(SealedRowsTest, FragmentsWithoutPseudonymHaveAFewSizes) {
  for (const int records : {1, 20, 200}) {
    for (int i = 0; i < records; ++i) car_.add(kTraffic, std::to_string(i * 7919));
    const Opened row = car_.commit().at(0);
    ASSERT_TRUE(row.meta.fragment);
    EXPECT_EQ(row.plaintext_bytes % kFragmentPadBytes, 0u);
    EXPECT_LT(row.plaintext_bytes, car_.policy.purposes[kTraffic].batch_bytes_max);
  }
}

TEST_F(SealedRowsTest, RecordsWithoutPseudonymLoseTheirOrder) {
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::to_string(i));
    car_.add(kTraffic, sent.back());
    car_.add(kDriving, sent.back());
  }
  const std::vector<Opened> rows = car_.commit(true);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_NE(rows[0].payloads(), sent);  // equal by chance once in 100!
  EXPECT_THAT(rows[0].payloads(), testing::UnorderedElementsAreArray(sent));
  EXPECT_EQ(rows[1].payloads(), sent);
}

// The fragments that a crash leaves are complete batches, in the outbox as in memory.
TEST_F(SealedRowsTest, FragmentsOfACrashAreReadyAndComplete) {
  for (int i = 0; i < 5; ++i) {
    car_.add(kDriving, std::to_string(i));
    car_.commit();
  }
  car_.reboot();
  auto reader = OutboxReader::open(car_.directory.path() / "state", car_.store->session(),
                                   car_.clock, car_.store->journaled());
  ASSERT_TRUE(reader);
  const auto rows = (*reader)->ready({}, 100, 1 << 20);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 5u);
  for (std::size_t i = 0; i < rows->size(); ++i) {
    std::string plaintext;
    ASSERT_TRUE(age::open_side::open({&car_.identities[kDriving], 1}, bytes_of((*rows)[i].bytes),
                                     plaintext));
    const auto opened = open_signed_batch("driving-diagnosis", bytes_of(plaintext));
    ASSERT_TRUE(opened);
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(opened->batch));
    EXPECT_EQ(batch.first_record(), i);
    EXPECT_EQ(batch.records(0).payload(), std::to_string(i));
  }
}

TEST_F(SealedRowsTest, DebiansAgeOpensEveryRowWithItsKeyAndNoOther) {
  if (testkit::find_command("age").empty()) SUDARE_NOT_RUN("age");
  std::vector<std::string> keys;
  for (const auto& identity : car_.identities) {
    const auto text = identity.encode();
    keys.push_back(write("key" + std::to_string(keys.size()), text_of(text.bytes())));
  }
  const std::vector<Sealed> rows = some_rows();
  const bool any_fragment =
      std::any_of(rows.begin(), rows.end(), [](const Sealed& row) { return row.meta().fragment; });
  ASSERT_TRUE(any_fragment);
  for (const Sealed& row : rows) {
    const std::size_t owner = car_.index_of(row.meta().purpose);
    const std::string file = write("row.age", row.bytes());
    const auto opened = testkit::run({"age", "-d", "-i", keys[owner], file});
    EXPECT_EQ(opened.status, 0) << opened.errors;
    EXPECT_TRUE(open_signed_batch(row.meta().purpose, bytes_of(opened.output)));
    const std::string& other = keys[(owner + 1) % keys.size()];
    EXPECT_NE(testkit::run({"age", "-d", "-i", other, file}).status, 0);
  }
}

}  // namespace
}  // namespace sudare::seal_test
