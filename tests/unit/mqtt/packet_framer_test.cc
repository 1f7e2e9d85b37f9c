#include "gateway/mqtt/packet_framer.h"

#include <gtest/gtest.h>

#include "tests/unit/mqtt/packets.h"

namespace sudare {
namespace {

constexpr std::size_t kBytesMax = 70'000;

std::string stream() {
  return packet_bytes(0x20, bytes("\0\0\0")) + packet_bytes(0xd0, "") +
         packet_bytes(0x3d, std::string(127, 'a')) + packet_bytes(0x32, std::string(128, 'b')) +
         packet_bytes(0x30, std::string(16'384, 'c')) + packet_bytes(0xd0, "");
}

TEST(PacketFramer, AWholeStreamIsCutIntoItsPackets) {
  const Framed framed = frame({stream()}, kBytesMax);
  ASSERT_FALSE(framed.failed);
  ASSERT_EQ(framed.packets.size(), 6U);
  EXPECT_EQ(framed.packets[0], (OwnPacket{2, 0, bytes("\0\0\0")}));
  EXPECT_EQ(framed.packets[1], (OwnPacket{13, 0, ""}));
  EXPECT_EQ(framed.packets[2], (OwnPacket{3, 13, std::string(127, 'a')}));
  EXPECT_EQ(framed.packets[4].body, std::string(16'384, 'c'));
}

TEST(PacketFramer, WhereTheStreamIsSplitMakesNoDifference) {
  const std::string whole = stream();
  const Framed expected = frame({whole}, kBytesMax);
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    ASSERT_EQ(frame({whole.substr(0, at), whole.substr(at)}, kBytesMax), expected) << at;
  }
}

TEST(PacketFramer, ByteByByteMakesNoDifference) {
  const std::string whole = stream();
  std::vector<std::string> pieces;
  for (const char c : whole) pieces.emplace_back(1, c);
  EXPECT_EQ(frame(pieces, kBytesMax), frame({whole}, kBytesMax));
}

TEST(PacketFramer, APacketOverTheLimitIsRefusedBeforeItIsKept) {
  // The header alone, whole and in two pieces: no byte of the body has come.
  const std::string header = packet_bytes(0x30, std::string(69'997, 'x')).substr(0, 4);
  EXPECT_EQ(frame({header}, kBytesMax).code, ErrorCode::kTooLarge);
  EXPECT_EQ(frame({header.substr(0, 2), header.substr(2)}, kBytesMax).code, ErrorCode::kTooLarge);
  const std::string most = packet_bytes(0x30, std::string(69'996, 'x'));
  ASSERT_EQ(most.size(), kBytesMax);
  EXPECT_EQ(frame({most}, kBytesMax).packets.size(), 1U);
}

TEST(PacketFramer, OfAPacketOverTheLimitOnlyTheBeginningIsKept) {
  const std::string whole = packet_bytes(0x30, std::string(50, 'a')) +
                            packet_bytes(0x31, std::string(500, 'b')) + packet_bytes(0xd0, "");
  const Framed expected = frame({whole}, 100, Oversized::kCut);
  ASSERT_EQ(expected.packets.size(), 3U);
  EXPECT_EQ(expected.packets[0], (OwnPacket{3, 0, std::string(50, 'a'), false}));
  EXPECT_EQ(expected.packets[1], (OwnPacket{3, 1, std::string(97, 'b'), true}));
  EXPECT_EQ(expected.packets[2], (OwnPacket{13, 0, "", false}));
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    const std::vector<std::string> pieces = {whole.substr(0, at), whole.substr(at)};
    ASSERT_EQ(frame(pieces, 100, Oversized::kCut), expected) << at;
  }
  std::vector<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  EXPECT_EQ(frame(bytes, 100, Oversized::kCut), expected);
}

TEST(PacketFramer, ALengthOfFiveBytesIsMalformed) {
  const std::string bad = bytes("\x30\xff\xff\xff\xff\x01");
  for (std::size_t at = 0; at <= bad.size(); ++at) {
    const Framed framed = frame({bad.substr(0, at), bad.substr(at)}, kBytesMax);
    EXPECT_TRUE(framed.failed) << at;
    EXPECT_EQ(framed.code, ErrorCode::kMalformed) << at;
  }
}

TEST(PacketFramer, TheLongestLengthIsReadAndOverTheLimit) {
  EXPECT_EQ(frame({bytes("\x30\xff\xff\xff\x7f")}, kBytesMax).code, ErrorCode::kTooLarge);
  EXPECT_FALSE(frame({bytes("\x30\xff\xff\xff")}, kBytesMax).failed);
}

TEST(PacketFramer, ALengthInMoreBytesThanItNeedsIsTaken) {
  const Framed framed = frame({bytes("\x30\x81\x80\x00x\xd0\x00")}, kBytesMax);
  ASSERT_EQ(framed.packets.size(), 2U);
  EXPECT_EQ(framed.packets[0].body, "x");
}

TEST(PacketFramer, TheRestOfTheInputIsLeftForTheNextCall) {
  PacketFramer framer(kBytesMax, Oversized::kRefuse);
  const std::string first = packet_bytes(0x30, "abc");
  const std::string both = first + packet_bytes(0xd0, "");
  std::string_view input = std::string_view(both).substr(0, 2);
  ASSERT_FALSE(framer.next(input)->has_value());
  EXPECT_TRUE(input.empty());
  input = std::string_view(both).substr(2);
  ASSERT_EQ((*framer.next(input))->body, "abc");
  EXPECT_EQ(input.size(), 2U);
  ASSERT_EQ((*framer.next(input))->type, 13);
  EXPECT_FALSE(framer.next(input)->has_value());
}

}  // namespace
}  // namespace sudare
