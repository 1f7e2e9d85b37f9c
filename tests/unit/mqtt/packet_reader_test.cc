#include "gateway/mqtt/packet_reader.h"

#include <gtest/gtest.h>

#include "tests/unit/mqtt/packets.h"

namespace sudare {
namespace {

constexpr MqttVersion k311 = MqttVersion::k311;
constexpr MqttVersion k5 = MqttVersion::k5;

Packet packet(PacketType type, std::string_view body, unsigned flags = 0) {
  return {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(flags), body};
}

// All properties of MQTT 5, table 2-4, each with a value of its type.
std::string all_properties() {
  std::string all;
  for (const char id : {'\x01', '\x17', '\x19', '\x24', '\x25', '\x28', '\x29', '\x2a'}) {
    all += id + bytes("\x01");
  }
  for (const char id : {'\x13', '\x21', '\x22'}) all += id + bytes("\x00\x07");
  for (const char id : {'\x02', '\x11', '\x18', '\x27'}) all += id + bytes("\x00\x01\x00\x00");
  all += bytes("\x0b\x80\x01");
  for (const char id : {'\x03', '\x08', '\x09', '\x12', '\x15', '\x16', '\x1a', '\x1c', '\x1f'}) {
    all += id + bytes("\x00\x03xyz");
  }
  return all + bytes("\x26\x00\x01k\x00\x02vv");
}

std::string with_length(const std::string& properties) {
  EXPECT_LT(properties.size(), 128U);
  return static_cast<char>(properties.size()) + properties;
}

// --- CONNACK

Result<Connack> connack(const std::string& body, MqttVersion version) {
  return read_connack(packet(PacketType::kConnack, body), version);
}

TEST(ReadConnack, MalformedOnesAreRefused) {
  EXPECT_FALSE(connack("", k5));
  EXPECT_FALSE(connack(bytes("\x00"), k311));
  EXPECT_FALSE(connack(bytes("\x02\x00"), k311)) << "a reserved flag";
  EXPECT_FALSE(connack(bytes("\x00\x00x"), k311)) << "something behind it";
  EXPECT_FALSE(connack(bytes("\x00\x00"), k5)) << "no properties";
  EXPECT_FALSE(connack(bytes("\x00\x00\x00x"), k5)) << "something behind them";
  EXPECT_FALSE(connack(bytes("\x00\x00\x03\x21\x00"), k5)) << "properties cut off";
  EXPECT_FALSE(connack(bytes("\x00\x00\x03\x21\x00\x00"), k5)) << "receive maximum 0";
  EXPECT_FALSE(read_connack(packet(PacketType::kConnack, bytes("\x00\x00\x00"), 1), k5));
}

TEST(ReadConnack, WhatItSaysIsRead) {
  const auto three = connack(bytes("\x01\x00"), k311);
  ASSERT_TRUE(three);
  EXPECT_TRUE(three->session_present);
  EXPECT_EQ(three->receive_maximum, 65'535);
  const auto five = connack(bytes("\x00\x00\x0b\x21\x00\x14\x27\x00\x01\x00\x00\x13\x00\x1e"), k5);
  ASSERT_TRUE(five);
  EXPECT_EQ(five->receive_maximum, 20);
  EXPECT_EQ(five->maximum_packet_bytes, 65'536U);
  EXPECT_EQ(five->keepalive_seconds, 30);
}

TEST(ReadConnack, ARefusalMayBeInTheFormOfTheOtherVersion) {
  EXPECT_EQ(connack(bytes("\x00\x01"), k5)->reason, 1) << "a broker of 3.1.1 alone";
  EXPECT_EQ(connack(bytes("\x00\x84\x00"), k311)->reason, 0x84) << "a broker of 5 alone";
  EXPECT_EQ(connack(bytes("\x00\x87\x06\x1f\x00\x03no!"), k5)->reason, 0x87);
}

TEST(ReadConnack, EveryPropertyIsPassedOver) {
  const auto read = connack(bytes("\x00\x00") + with_length(all_properties()), k5);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->receive_maximum, 7);
  // Cut anywhere, with a length that says so: only between two properties it still is a CONNACK.
  const std::string all = all_properties();
  std::size_t whole = 0;
  for (std::size_t size = 0; size < all.size(); ++size) {
    if (connack(bytes("\x00\x00") + with_length(all.substr(0, size)), k5)) ++whole;
  }
  EXPECT_EQ(whole, 26U);
}

TEST(ReadConnack, AnUnknownPropertyIsMalformed) {
  for (int id = 0; id < 256; ++id) {
    const std::string property = static_cast<char>(id) + bytes("\x00\x00\x00\x00");
    if (all_properties().find(static_cast<char>(id)) != std::string::npos || id < 0x2b) continue;
    EXPECT_FALSE(connack(bytes("\x00\x00") + with_length(property), k5)) << id;
  }
  EXPECT_FALSE(connack(bytes("\x00\x00\x02\x04\x00"), k5));
}

TEST(ReadConnack, APropertyLengthInMoreBytesThanItNeedsIsMalformed) {
  EXPECT_FALSE(connack(bytes("\x00\x00\x80\x00"), k5));
  EXPECT_FALSE(connack(bytes("\x00\x00\xff\xff\xff\xff\x01"), k5));
}

// --- PUBLISH

Result<PublishPacket> publish(const std::string& body, unsigned flags, MqttVersion version) {
  static std::string kept;  // what is read points into it
  kept = body;
  return read_publish(packet(PacketType::kPublish, kept, flags), version);
}

TEST(ReadPublish, MalformedOnesAreRefused) {
  EXPECT_FALSE(publish("", 0, k311));
  EXPECT_FALSE(publish(bytes("\x00\x05"
                             "abc"),
                       0, k311))
      << "topic cut off";
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a\x00\x01"),
                       6, k311))
      << "QoS 3";
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a\x00"),
                       2, k311))
      << "id cut off";
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a\x00\x00"),
                       2, k311))
      << "id 0";
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a"),
                       0, k5))
      << "no properties";
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a\x05\x01"),
                       0, k5))
      << "properties cut off";
}

TEST(ReadPublish, ATopicAliasIsRefused) {
  EXPECT_FALSE(publish(bytes("\x00\x01"
                             "a\x03\x23\x00\x01x"),
                       0, k5));
  EXPECT_FALSE(publish(bytes("\x00\x00\x03\x23\x00\x01x"), 0, k5)) << "in the topic's place";
}

TEST(ReadPublish, ATopicIsTextWithoutWildcards) {
  for (const std::string& topic :
       {std::string(), bytes("a\0b"), std::string("a/+/b"), std::string("a/#"),
        std::string("\xc3\x28"), std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
        std::string("\xc0\x80"), std::string("ab\xe7\xb0")}) {
    const auto read = publish(bytes("\x00") + with_length(topic), 0, k311);
    ASSERT_TRUE(read) << topic;
    EXPECT_FALSE(read->topic_valid) << topic;
  }
  const auto read = publish(bytes("\x00") + with_length("簾/a b/c"), 0, k311);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->topic_valid);
}

TEST(ReadPublish, WhatItSaysIsRead) {
  const auto three = publish(bytes("\x00\x03"
                                   "a/b\x12\x34payload"),
                             0x0b, k311);
  ASSERT_TRUE(three);
  EXPECT_EQ(three->topic, "a/b");
  EXPECT_EQ(three->payload, "payload");
  EXPECT_EQ(three->id, 0x1234);
  EXPECT_EQ(three->qos, 1);
  EXPECT_TRUE(three->duplicate && three->retained);
  const auto none = publish(bytes("\x00\x01"
                                  "a"),
                            0, k311);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->id, 0);
  EXPECT_TRUE(none->payload.empty());
}

TEST(ReadPublish, EveryPropertyIsPassedOver) {
  const auto read = publish(bytes("\x00\x01"
                                  "a\x00\x01") +
                                with_length(all_properties()) + "p",
                            2, k5);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload, "p");
}

// --- acknowledgements, DISCONNECT

TEST(ReadPuback, MalformedOnesAreRefused) {
  const auto read = [](const std::string& body, MqttVersion version) {
    return read_puback(packet(PacketType::kPuback, body), version).has_value();
  };
  EXPECT_FALSE(read("", k311));
  EXPECT_FALSE(read(bytes("\x00"), k5));
  EXPECT_FALSE(read(bytes("\x00\x00"), k311)) << "id 0";
  EXPECT_FALSE(read(bytes("\x00\x01\x00"), k311)) << "3.1.1 has no reason";
  EXPECT_FALSE(read(bytes("\x00\x01\x00\x01"), k5)) << "properties cut off";
  EXPECT_FALSE(read(bytes("\x00\x01\x00\x00x"), k5)) << "something behind them";
  EXPECT_FALSE(read_puback(packet(PacketType::kPuback, bytes("\x00\x01"), 2), k5));
}

TEST(ReadPuback, WhatItSaysIsRead) {
  const auto read = [](const std::string& body, MqttVersion version) {
    return *read_puback(packet(PacketType::kPuback, body), version);
  };
  EXPECT_EQ(read(bytes("\xff\xff"), k311).id, 65'535);
  EXPECT_EQ(read(bytes("\x00\x01"), k5).reason, 0) << "success may be left out";
  EXPECT_EQ(read(bytes("\x00\x01\x97"), k5).reason, 0x97);
  EXPECT_EQ(read(bytes("\x00\x01\x10") + with_length(all_properties()), k5).reason, 0x10);
}

TEST(ReadSuback, AReasonPerFilter) {
  const auto read = [](const std::string& body, MqttVersion version) {
    return read_suback(packet(PacketType::kSuback, body), version).has_value();
  };
  EXPECT_FALSE(read(bytes("\x00\x01"), k311)) << "no reason";
  EXPECT_FALSE(read(bytes("\x00\x00\x01"), k311)) << "id 0";
  EXPECT_FALSE(read(bytes("\x00\x01\x00"), k5)) << "no reason";
  EXPECT_FALSE(read(bytes("\x00\x01\x05\x01"), k5)) << "properties cut off";
  EXPECT_FALSE(read_suback(packet(PacketType::kSuback, bytes("\x00\x01\x01"), 1), k311));
  const std::string body = bytes("\x00\x02") + with_length(all_properties()) + bytes("\x01\x87");
  const auto both = read_suback(packet(PacketType::kSuback, body), k5);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->id, 2);
  EXPECT_EQ(both->reasons, "\x01\x87");
}

TEST(ReadDisconnect, TheReasonIsReadAndTheRestChecked) {
  const auto read = [](const std::string& body) {
    return read_disconnect(packet(PacketType::kDisconnect, body));
  };
  EXPECT_EQ(*read(""), 0);
  EXPECT_EQ(*read(bytes("\x8b")), 0x8b);
  EXPECT_EQ(*read(bytes("\x8b") + with_length(all_properties())), 0x8b);
  EXPECT_FALSE(read(bytes("\x8b\x04")));
  EXPECT_FALSE(read(bytes("\x8b\x00x")));
  EXPECT_FALSE(read_disconnect(packet(PacketType::kDisconnect, "", 1)));
}

}  // namespace
}  // namespace sudare
