#include "gateway/decode/decoder.h"

#include <gtest/gtest.h>

#include "tests/testkit/reveal.h"
#include "tests/testkit/source_plan.h"
#include "tests/unit/decode/record_text.h"

namespace sudare {
namespace {

using testkit::json_source;

TEST(Decoder, ARecordThatFailedHoldsNothingOfTheOneBefore) {
  OneSource source(json_source("t/{vin}", {"a"}));
  EXPECT_EQ(source.decode(R"({"a":"one"})"), "a=\"one\"");
  EXPECT_EQ(source.decode("{"), "error: malformed");
  EXPECT_TRUE(source.record().body.reveal(TestReveal::key()).levels.empty());
  EXPECT_EQ(source.decode("{}"), "");
}

TEST(Decoder, RefusesASourceOfAnotherTopic) {
  OneSource source(json_source("t/{vin}", {"a"}));
  Message message = message_to(source.plan(), "{}");
  message.topic.set("u/x");
  Record record;
  EXPECT_EQ(source.decoder().decode(message, 0, record).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(source.decoder().decode(message, 9, record).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(source.decoder().source_of(message).error().code, ErrorCode::kNotFound);
}

TEST(Decoder, ATopicThatIsNotUtf8IsMalformed) {
  OneSource source(json_source("t/{vin}", {"a"}));
  Message message = message_to(source.plan(), "{}");
  message.topic.set("t/\xC3\x28");
  Record record;
  EXPECT_EQ(source.decoder().decode(message, 0, record).error().code, ErrorCode::kMalformed);
}

TEST(Decoder, KeepsTheTopicsLevels) {
  OneSource source(json_source("t/{vin}/x", {"a"}));
  Message message = message_to(source.plan(), "{}");
  message.topic.set("t/abc/x");
  Record record;
  ASSERT_TRUE(source.decoder().decode(message, *source.decoder().source_of(message), record));
  const RecordBody& body = record.body.reveal(TestReveal::key());
  ASSERT_EQ(body.levels.size(), 3U);
  EXPECT_EQ(body.text.substr(body.levels[1].offset, body.levels[1].length), "abc");
}

}  // namespace
}  // namespace sudare
