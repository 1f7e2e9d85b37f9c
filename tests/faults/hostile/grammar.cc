#include "tests/faults/hostile/grammar.h"

#include <algorithm>
#include <array>

namespace sudare::faults::grammar {
namespace {

template <class T, std::size_t count>
const T& one_of(Random& random, const std::array<T, count>& all) {
  return all[between(random, 0, count - 1)];
}

std::string noise(Random& random, std::size_t most) {
  std::string bytes(between(random, 0, most), '\0');
  for (char& byte : bytes) byte = static_cast<char>(between(random, 0, 255));
  return bytes;
}

std::string any_topic(Random& random) {
  using namespace std::string_literals;
  static const std::array<std::string, 12> kTopics = {"test/json"s,
                                                      "vehicle/position"s,
                                                      "test/urgent"s,
                                                      "vehicle/consent/asked"s,
                                                      "vehicle/network"s,
                                                      "nul\0inside"s,
                                                      "\xff\xfe"s,
                                                      "\xed\xa0\x80"s,
                                                      "#"s,
                                                      "a/+/b"s,
                                                      ""s,
                                                      std::string(65'535, 't')};
  return one_of(random, kTopics);
}

// Of MQTT 5: right, unknown, twice, cut, or with a length that is wrong.
std::string any_properties(Random& random) {
  using namespace std::string_literals;
  static const std::array<std::string, 9> kProperties = {
      "\0"s,                            // none
      "\x03\x21\x00\x0a"s,              // receive maximum
      "\x06\x21\x00\x0a\x21\x00\x0b"s,  // twice
      "\x03\x21\x00\x00"s,              // which may not be 0
      "\x05\x27\x00\x00"s,              // cut
      "\x02\x7f\x01"s,                  // unknown
      "\x03\x23\x00\x01"s,              // topic alias
      "\x80\x80\x80\x80\x01"s,          // a length in five bytes
      "\x07\x26\x00\x01k\x00\x01v"s,    // a user property
  };
  return one_of(random, kProperties);
}

std::string any_body(Random& random, unsigned first) {
  const std::string id = number(between(random, 0, 70), 2);
  switch (first & 0xf0U) {
    case kConnack:
      return number(between(random, 0, 1), 1) + number(between(random, 0, 3) * 0x44, 1) +
             any_properties(random);
    case kPublish: {
      const bool with_id = (first & 6U) != 0;
      return text(any_topic(random)) + (with_id ? id : "") + any_properties(random) +
             noise(random, 64);
    }
    case kSuback:
    case kUnsuback: return id + any_properties(random) + noise(random, 20);
    case kPingresp: return "";
    case kDisconnect: return number(between(random, 0, 255), 1) + any_properties(random);
    case kAuth: return number(0x18, 1) + any_properties(random);
    default: return id + number(between(random, 0, 255), 1) + any_properties(random);
  }
}

unsigned any_type(Random& random) {
  static const std::array<unsigned, 14> kTypes = {
      kConnack, kPublish, kPublish | 2U, kPublish | 4U, kPublish | 0xbU, kPuback,     kPubrec,
      kPubrel,  kPubcomp, kSuback,       kUnsuback,     kPingresp,       kDisconnect, kAuth};
  return one_of(random, kTypes);
}

std::string with_other_bytes(Random& random, std::string bytes) {
  for (std::uint64_t i = between(random, 1, 4); i > 0 && !bytes.empty(); --i) {
    bytes[between(random, 0, bytes.size() - 1)] = static_cast<char>(between(random, 0, 255));
  }
  return bytes;
}

}  // namespace

std::string number(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i > 0; --i) out += static_cast<char>(value >> (8 * (i - 1)) & 0xffU);
  return out;
}

std::string text(std::string_view value) {
  return number(value.size(), 2) + std::string(value.substr(0, 65'535));
}

std::string header(unsigned first, std::uint64_t claims, unsigned length_bytes) {
  std::string out(1, static_cast<char>(first));
  for (unsigned i = 0; i < length_bytes; ++i) {
    const bool more = i + 1 < length_bytes;
    out += static_cast<char>((claims & 0x7fU) | (more ? 0x80U : 0U));
    claims >>= 7U;
  }
  return out;
}

std::string packet(unsigned first, const std::string& body) {
  unsigned length_bytes = 1;
  for (std::size_t left = body.size() >> 7U; left > 0; left >>= 7U) ++length_bytes;
  return header(first, body.size(), length_bytes) + body;
}

std::string connack(bool session_present, unsigned reason) {
  return packet(kConnack, number(session_present ? 1 : 0, 1) + number(reason, 1) + number(0, 1));
}

std::string publish(std::string_view topic, std::string_view payload, unsigned qos, unsigned id,
                    bool retained) {
  return packet(kPublish | qos << 1U | (retained ? 1U : 0U),
                text(topic) + (qos > 0 ? number(id, 2) : "") + number(0, 1) + std::string(payload));
}

std::string answer(unsigned first, unsigned id, unsigned reason) {
  return packet(first, number(id, 2) + number(reason, 1));
}

std::string suback(unsigned id, unsigned reason, unsigned count) {
  return packet(kSuback,
                number(id, 2) + number(0, 1) + std::string(count, static_cast<char>(reason)));
}

std::string any_packet(Random& random) {
  const unsigned first = any_type(random);
  return packet(first, any_body(random, first));
}

std::string broken_packet(Random& random) {
  const unsigned first = any_type(random);
  const std::string body = any_body(random, first);
  switch (between(random, 0, 8)) {
    case 0: return packet(static_cast<unsigned>(between(random, 0, 255)), body);
    case 1: return packet(first, body.substr(0, between(random, 0, body.size())));
    case 2: return packet(first, body + noise(random, 300));
    case 3: return header(first, body.size() + between(random, 1, 200), 2) + body;
    case 4: return header(first, body.size(), 5) + body;  // the length in five bytes
    case 5: return header(first, 268'435'455, 4) + noise(random, 2000);
    case 6: return std::string("\xff\xff\xff\xff\xff", 5) + noise(random, 50);
    case 7: return noise(random, 500);
    default: return with_other_bytes(random, packet(first, body));
  }
}

}  // namespace sudare::faults::grammar
