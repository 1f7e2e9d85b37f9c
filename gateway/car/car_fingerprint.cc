#include "gateway/car/car_fingerprint.h"

#include <algorithm>

#include "crypto/bytes.h"
#include "crypto/hkdf.h"
#include "crypto/secret_bytes.h"
#include "gateway/detect/frame_number.h"
#include "gateway/detect/vin.h"

namespace sudare {
namespace {

constexpr std::uint8_t kFormatVersion = 1;
constexpr std::uint16_t kNone = 0xffff;
// What is left of 16 bits for kNone.
constexpr unsigned kBitsMax = 15;

constexpr std::string_view kVinKind = "sudare/v1/car/vin:";
constexpr std::string_view kFrameKind = "sudare/v1/car/frame:";

// One writing of each number; empty where it is none.
std::string plain_vin(std::string_view text) {
  const auto vin = parse_vin(text);
  return vin ? std::string(vin->text.begin(), vin->text.end()) : std::string();
}

std::string plain_frame_number(std::string_view text) {
  const auto frame = parse_frame_number(text);
  return frame ? frame->type + "-" + frame->serial : std::string();
}

void put(std::string& out, std::uint16_t number) {
  out += static_cast<char>(number >> 8U);
  out += static_cast<char>(number & 0xffU);
}

std::uint16_t take(std::string_view bytes, std::size_t at) {
  const auto high = static_cast<std::uint8_t>(bytes[at]);
  const auto low = static_cast<std::uint8_t>(bytes[at + 1]);
  return static_cast<std::uint16_t>(high << 8U | low);
}

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::uint16_t CarFingerprint::hash(std::string_view kind, std::string_view number) const {
  std::array<std::uint8_t, kSha256Bytes> digest{};
  hmac_sha256(salt_, {bytes_of(kind), bytes_of(number)}, digest);
  const auto first = static_cast<std::uint16_t>(digest[0] << 8U | digest[1]);
  wipe(digest);
  return static_cast<std::uint16_t>(first >> (16U - bits_));
}

std::optional<CarFingerprint> CarFingerprint::make(std::string_view vin,
                                                   std::string_view frame_number) {
  std::string one = plain_vin(vin);
  std::string other = plain_frame_number(frame_number);
  if (one.empty() && other.empty()) return std::nullopt;
  CarFingerprint made;
  random_bytes(made.salt_);
  if (!one.empty() && !other.empty()) made.bits_ = kFingerprintBits / 2;
  if (!one.empty()) made.vin_ = made.hash(kVinKind, one);
  if (!other.empty()) made.frame_number_ = made.hash(kFrameKind, other);
  wipe_text(one);
  wipe_text(other);
  return made;
}

CarFingerprint::Match CarFingerprint::match(std::string_view vin,
                                            std::string_view frame_number) const {
  Match match = Match::kNothing;
  const auto compare = [&](const std::optional<std::uint16_t>& kept, std::string_view kind,
                           std::string number) {
    if (kept && !number.empty() && match != Match::kOther) {
      match = hash(kind, number) == *kept ? Match::kSame : Match::kOther;
    }
    wipe_text(number);
  };
  compare(vin_, kVinKind, plain_vin(vin));
  compare(frame_number_, kFrameKind, plain_frame_number(frame_number));
  return match;
}

bool CarFingerprint::covers(std::string_view vin, std::string_view frame_number) const {
  const auto is_said = [](std::string number) {
    const bool said = !number.empty();
    wipe_text(number);
    return said;
  };
  return vin_.has_value() == is_said(plain_vin(vin)) &&
         frame_number_.has_value() == is_said(plain_frame_number(frame_number));
}

std::string CarFingerprint::encode() const {
  std::string out;
  out += static_cast<char>(kFormatVersion);
  out += static_cast<char>(bits_);
  append(out, salt_);
  put(out, vin_.value_or(kNone));
  put(out, frame_number_.value_or(kNone));
  return out;
}

Result<CarFingerprint> CarFingerprint::decode(std::string_view bytes) {
  const tl::unexpected<Error> damaged =
      fail(ErrorCode::kMalformed, "car: the stored fingerprint is damaged");
  if (bytes.size() != kFingerprintBytes || static_cast<std::uint8_t>(bytes[0]) != kFormatVersion) {
    return damaged;
  }
  CarFingerprint made;
  made.bits_ = static_cast<std::uint8_t>(bytes[1]);
  if (made.bits_ == 0 || made.bits_ > kBitsMax) return damaged;
  const ByteSpan salt = bytes_of(bytes.substr(2, kFingerprintSaltBytes));
  std::copy(salt.begin(), salt.end(), made.salt_.begin());
  const auto number = [&](std::size_t at, std::optional<std::uint16_t>& out) {
    const std::uint16_t value = take(bytes, at);
    if (value != kNone) out = value;
    return value == kNone || (value >> made.bits_) == 0;
  };
  const bool whole = number(2 + kFingerprintSaltBytes, made.vin_) &&
                     number(4 + kFingerprintSaltBytes, made.frame_number_);
  if (!whole || (!made.vin_ && !made.frame_number_)) return damaged;
  return made;
}

}  // namespace sudare
