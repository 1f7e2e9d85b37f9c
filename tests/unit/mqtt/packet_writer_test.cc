#include "gateway/mqtt/packet_writer.h"

#include <gtest/gtest.h>

#include "gateway/mqtt/packet_reader.h"
#include "tests/unit/mqtt/packets.h"

namespace sudare {
namespace {

constexpr MqttVersion k311 = MqttVersion::k311;
constexpr MqttVersion k5 = MqttVersion::k5;

TEST(PacketWriter, AConnectOfEachVersionIsAsTheStandardHasIt) {
  ConnectPacket connect;
  connect.client_id = "id";
  connect.keepalive_seconds = 60;
  std::string out;
  write_connect(out, connect, k311);
  EXPECT_EQ(out, bytes("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02id"));
  out.clear();
  connect.username = "u";
  connect.password = "pw";
  connect.clean_start = false;
  connect.session_expiry_seconds = 0x01020304;
  connect.receive_maximum = 20;
  connect.maximum_packet_bytes = 65'536;
  write_connect(out, connect, k5);
  EXPECT_EQ(out, bytes("\x10\x23\x00\x04MQTT\x05\xc0\x00\x3c\x0d\x11\x01\x02\x03\x04\x21\x00\x14"
                       "\x27\x00\x01\x00\x00\x00\x02id\x00\x01u\x00\x02pw"));
}

TEST(PacketWriter, APasswordWithoutAUserIsNotWritten) {
  ConnectPacket connect;
  connect.password = "secret";
  std::string out;
  write_connect(out, connect, k5);
  EXPECT_EQ(out.find("secret"), std::string::npos);
  EXPECT_EQ(out[9], '\x02') << "no flag says that one follows";
}

TEST(PacketWriter, SubscriptionsAreAsTheStandardHasThem) {
  std::string out;
  write_subscribe(out, 0x0102, {"a/#", "b"}, 1, k5);
  EXPECT_EQ(out, bytes("\x82\x0d\x01\x02\x00\x00\x03"
                       "a/#\x01\x00\x01"
                       "b\x01"));
  out.clear();
  write_subscribe(out, 7, {"a"}, 0, k311);
  EXPECT_EQ(out, bytes("\x82\x06\x00\x07\x00\x01"
                       "a\x00"));
  out.clear();
  write_unsubscribe(out, 7, {"a"}, k5);
  EXPECT_EQ(out, bytes("\xa2\x06\x00\x07\x00\x00\x01"
                       "a"));
}

TEST(PacketWriter, SmallPacketsAreAsTheStandardHasThem) {
  std::string out;
  write_puback(out, 0x1234);
  write_pingreq(out);
  write_disconnect(out);
  EXPECT_EQ(out, bytes("\x40\x02\x12\x34\xc0\x00\xe0\x00"));
}

// The body at every length at which the remaining length grows by a byte.
TEST(PacketWriter, WhatIsWrittenIsRead) {
  for (const MqttVersion version : {k311, k5}) {
    for (const std::size_t size :
         {0U, 1U, 118U, 119U, 120U, 16'374U, 16'376U, 2'097'142U, 2'097'146U}) {
      const std::string payload(size, 'p');
      for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}}) {
        const PublishHead head{static_cast<std::uint16_t>(qos * 65'535), qos, qos > 0, true, {}};
        std::string out;
        write_publish(out, "a/簾", payload, head, version);
        const Framed framed = frame({out}, out.size());
        ASSERT_EQ(framed.packets.size(), 1U) << size;
        const OwnPacket& own = framed.packets[0];
        const auto read =
            read_publish({3, static_cast<std::uint8_t>(own.flags), own.body}, version);
        ASSERT_TRUE(read) << size;
        EXPECT_EQ(read->topic, "a/簾");
        EXPECT_EQ(read->payload, payload);
        EXPECT_EQ(read->id, head.id);
        EXPECT_EQ(read->qos, qos);
        EXPECT_EQ(read->duplicate, head.duplicate);
        EXPECT_TRUE(read->retained);
      }
    }
  }
}

TEST(PacketWriter, AMessagesNumberIsAUserProperty) {
  PublishHead head{7, 1, false, false, "app/12/3"};
  std::string out;
  write_publish(out, "a", "p", head, k5);
  EXPECT_EQ(out, bytes("\x32\x1e\x00\x01"
                       "a\x00\x07\x17\x26\x00\x0asudare-seq\x00\x08"
                       "app/12/3p"));
  const Framed framed = frame({out}, out.size());
  ASSERT_EQ(framed.packets.size(), 1U);
  const auto read = read_publish({3, 2, framed.packets[0].body}, k5);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, "app/12/3");
  EXPECT_EQ(read->payload, "p");
}

}  // namespace
}  // namespace sudare
