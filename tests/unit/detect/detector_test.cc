#include "gateway/detect/detector.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/testkit/reveal.h"

namespace sudare {
namespace {

constexpr const char* kVin = "JTHBYLFF305000302";

DetectedClasses bit(Detected what) { return static_cast<DetectedClasses>(what); }

std::vector<Detection> all(const std::string& text) {
  std::vector<Detection> found;
  detect_each(text, [&found](const Detection& one) { found.push_back(one); });
  return found;
}

// Inside other text, where the place must be right too.
void expect_found(const std::string& what, Detected detected) {
  const std::string text = "注: " + what + " (x)";
  EXPECT_NE(detect_in(what) & bit(detected), 0) << what;
  bool seen = false;
  for (const Detection& one : all(text)) {
    if (one.what != detected) continue;
    seen = true;
    EXPECT_GT(one.length, 0U);
    EXPECT_LE(one.offset + one.length, text.size()) << what;
    EXPECT_GE(one.offset, 5U) << what;
    EXPECT_GT(one.confidence, 0) << what;
    EXPECT_LE(one.confidence, 1) << what;
  }
  EXPECT_TRUE(seen) << text;
}

TEST(Detector, Vins) {
  for (const char* text :
       {kVin, "jthbylff305000302", "JTH-BYLFF-3-05000302", "JTH BYLFF 3 05000302",
        "J T H B Y L F F 3 0 5 0 0 0 3 0 2", "ＪＴＨＢＹＬＦＦ３０５０００３０２",
        "VINJTHBYLFF305000302", "/api/JTHBYLFF305000302/status", "my_JTHBYLFF305000302_car",
        "JTH_BYLFF_305000302"}) {
    expect_found(text, Detected::kVin);
  }
}

TEST(Detector, AVinSplitByCharactersWithoutWidth) {
  for (const char* hidden :
       {"\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x81\xA0", "\xEF\xBB\xBF"}) {
    expect_found(std::string("JTHBY") + hidden + "LFF3050" + hidden + hidden + "00302",
                 Detected::kVin);
  }
  const std::string split = "a JTHBY\xE2\x80\x8BLFF305000302 b";
  ASSERT_EQ(all(split).size(), 1U);
  EXPECT_EQ(all(split)[0].offset, 2U);
  EXPECT_EQ(all(split)[0].length, 20U);
}

TEST(Detector, EMailAddresses) {
  for (const char* text : {"taro@example.jp", "a.b+c@mail.example.co.jp", "<x@y.jp>",
                           "taro＠example．jp", "mailto:a@b.example", "名前@例え.jp", "a@b.jp."}) {
    expect_found(text, Detected::kEmail);
  }
}

TEST(Detector, PhoneNumbers) {
  for (const char* text :
       {"+81 90-1234-5678", "+819012345678", "+1 (555) 010-0199", "+49 30 901820", "090-1234-5678",
        "09012345678", "03-1234-5678", "(03)1234-5678", "0565-28-2121", "0120-123-456",
        "0800-123-4567", "０９０－１２３４－５６７８", "050 1234 5678", "tel:03-1234-5678."}) {
    expect_found(text, Detected::kPhone);
  }
}

TEST(Detector, Coordinates) {
  for (const char* text : {"35.6812,139.7671",
                           "35.6812, 139.7671",
                           "139.767125 35.681236",
                           "-33.8568;151.2153",
                           "51.5007,-0.1246",
                           "35.681,139.767",
                           "geo:35.68,139.76",
                           "GEO:35.6,139.7;u=35",
                           "lat=35.68&lon=139.76",
                           "\"latitude\": 35.7, \"accuracy\": 5, \"longitude\": 139.7",
                           "lng:139.7 lat:35.6",
                           "startLat=35.6 startLng=139.7",
                           "latitude_e7=356812345;longitude_e7=1397671234",
                           "+35.6812+139.7671/",
                           "+354052.1+1394601.2/",
                           "-3551.13-12346.07/",
                           "[139.7671,35.6812]",
                           "(\"35.6812\",\"139.7671\")",
                           "35.6812°N, 139.7671°E",
                           "N35.6812 E139.7671",
                           "35°40'52\"N 139°46'01\"E",
                           "北緯35度40分52秒 東経139度46分1秒",
                           "https://maps.example/@35.6812,139.7671,15z",
                           "q=35.6812%2C139.7671"}) {
    expect_found(text, Detected::kCoordinates);
  }
}

TEST(Detector, CoordinatesInDegreesAndMinutesWithHemispheres) {
  for (const char* text :
       {"3540.8742,N,13946.0275,E", "3540.8742 N 13946.0275 E", "3540.8742N, 13946.0275E",
        "N3540.8742 E13946.0275", "3351.4080,S,15112.9180,E", "13946.0275,E,3540.8742,N",
        "3540.87,n,13946.02,e", "3540.87N/13946.02E", "0007.5,N,00012.5,W"}) {
    expect_found(text, Detected::kCoordinates);
  }
}

TEST(Detector, APositionInsideAnNmeaSentenceIsPartOfTheSentence) {
  const std::string sentence = "$GPRMC,030200.00,A,3540.874,N,13946.026,E,0.0,0.0,221126,,,A*60";
  EXPECT_EQ(detect_in(sentence), bit(Detected::kNmea));
  EXPECT_NE(detect_in(sentence + " 3540.874,N,13946.026,E") & bit(Detected::kCoordinates), 0);
}

TEST(Detector, NmeaSentences) {
  for (const char* text :
       {"$GPRMC,030200.00,A,3540.874,N,13946.026,E,0.0,0.0,221126,,,A*60",
        "$GNGGA,030200,3540.874,N,13946.026,E,1,08,0.9,40.0,M,,M,,*5E",
        "GPGLL,3540.874,N,13946.026,E", "$PUBX,00,030200.00,3540.87,N,13946.02,E",
        "!AAA $GNGNS,030200.00,3540.8,N,13946.0,E"}) {
    expect_found(text, Detected::kNmea);
  }
}

TEST(Detector, ARightChecksumIsCertain) {
  const std::string body = "GPGLL,3540.874,N,13946.026,E,030200.00,A,A";
  unsigned sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  char hex[3];
  std::snprintf(hex, sizeof hex, "%02X", sum);
  EXPECT_EQ(all("$" + body + "*" + hex).front().confidence, 1);
  EXPECT_LT(all("$" + body + "*00").front().confidence, 1);
}

TEST(Detector, PrivateKeys) {
  // Put together here: no key may stand in the tree, not even a false one.
  const std::string dashes = "-----";
  for (const char* kind : {"", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "}) {
    expect_found(dashes + "BEGIN " + kind + "PRIVATE KEY" + dashes, Detected::kPrivateKey);
  }
  expect_found(std::string("AGE-SECRET") + "-KEY-1" + "QQQQQQQQ", Detected::kPrivateKey);
  expect_found(std::string("age-secret") + "-key-1" + "qqqqqqqq", Detected::kPrivateKey);
}

TEST(Detector, LooksIntoBase64AndPercentEncodingOneLevelDeep) {
  for (const char* text :
       {"SlRIQllMRkYzMDUwMDAzMDI=",       // the VIN
        "token=SlRIQllMRkYzMDUwMDAzMDI",  // without padding
        "/v10/eyJ2aW4iOiJKVEhCWUxGRjMwNTAwMDMwMiJ9", "%4A%54%48BYLFF305000302",
        "path%2FJTHBYLFF305000302", "%7B%22vin%22%3A%22JTHBYLFF305000302%22%7D"}) {
    const std::vector<Detection> found = all(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].what, Detected::kVin) << text;
    EXPECT_TRUE(found[0].encoded) << text;
    EXPECT_LE(found[0].offset + found[0].length, std::string(text).size());
  }
}

TEST(Detector, WhatStandsInTheOpenIsReportedOnce) {
  EXPECT_EQ(all(std::string("100%25 of ") + kVin).size(), 1U);
}

TEST(Detector, SaysWhereItIs) {
  const std::string text = "簾 taro@example.jp と090-1234-5678";
  const std::vector<Detection> found = all(text);
  ASSERT_EQ(found.size(), 2U);
  for (const Detection& one : found) {
    const std::string piece = text.substr(one.offset, one.length);
    EXPECT_EQ(piece, one.what == Detected::kEmail ? "taro@example.jp" : "090-1234-5678");
  }
}

TEST(Detector, LongTextTakesLinearTime) {
  // Minutes where one of the scanners looks back without bound: the test's time-out notices.
  for (const std::string piece :
       {"@", "a@", "+1", "+1 ", "0", "1.2345,", "lat=1.5 ", "A-", "%41", "A1-", "国[", "$GPRMC,",
        "3540.8,N,13946.0,E,", "\xE2\x80\x8B", "AGE-SECRET", "1°2'", "JT ", "0-"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    std::size_t count = 0;
    detect_each(text, [&count](const Detection&) { ++count; });
    SUCCEED() << count;
  }
}

TEST(Detector, EveryClassHasANameAndAClass) {
  for (unsigned shift = 0; shift <= 6; ++shift) {
    const auto detected = static_cast<Detected>(1U << shift);
    EXPECT_NE(literal_of(detected).view(), "unknown");
    EXPECT_NE(class_of(detected), v1::UNCLASSED);
  }
}

TEST(Detect, MarksTextsAndKeysOfARecord) {
  Record record;
  RecordBody body;
  body.text = std::string(kVin) + "harmless";
  Item vin;
  vin.type = ValueType::kText;
  vin.text = {0, 17};
  Item key;
  key.key = {0, 17};
  key.type = ValueType::kInt;
  Item harmless = vin;
  harmless.text = {17, 8};
  harmless.detected = 1;  // left over from the message before
  body.items = {vin, key, harmless};
  record.body.set(body);
  detect(Policy{}, record);
  const RecordBody& after = record.body.reveal(TestReveal::key());
  EXPECT_EQ(after.items[0].detected, bit(Detected::kVin));
  EXPECT_EQ(after.items[1].key_detected, bit(Detected::kVin));
  EXPECT_EQ(after.items[1].detected, 0);
  EXPECT_EQ(after.items[2].detected, 0);
}

}  // namespace
}  // namespace sudare
