#include "fleet/audit/window.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "fleet/audit/text_runs.h"
#include "gateway/detect/encoded.h"
#include "gateway/detect/narrow.h"

namespace sudare {
namespace {

// Random bytes hold text by chance: of some megabytes, a run or two reach this length.
constexpr std::size_t kRunBytesMin = 16;
// In one in some tens of those, detect would see an e-mail address; this length is thousands of
// times as rare.
constexpr std::size_t kEmailRunBytesMin = 24;
// Shorter text counts where it is a field of a Protobuf message, or where there is nothing else.
constexpr std::size_t kFieldBytesMin = 10;
constexpr std::size_t kTextBytesMin = 6;
// Nothing that we look for is shorter in base64 or in hexadecimal digits.
constexpr std::size_t kEncodedCharactersMin = 12;
// Every way in which three bytes can lie in four characters.
constexpr std::size_t kBase64Alignments = 4;

// Random letters and digits, such as base64, are mostly of both cases; VINs and frame numbers are
// not.
bool one_case(std::string_view text) {
  const bool upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool lower =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return !upper || !lower;
}

// The length that a Protobuf tag for text and a one-byte length before `begin` say, or 0.
std::size_t field_length(std::string_view bytes, std::size_t begin) {
  constexpr unsigned kWireTypeBits = 7;
  constexpr unsigned kLengthDelimited = 2;
  constexpr unsigned kMore = 0x80;
  const auto byte = [&](std::size_t back) -> unsigned {
    return begin >= back ? static_cast<std::uint8_t>(bytes[begin - back]) : kMore;
  };
  const unsigned length = byte(1);
  const bool short_tag = byte(2) < kMore && (byte(2) & kWireTypeBits) == kLengthDelimited;
  const bool long_tag =
      byte(2) < kMore && (byte(3) & (kMore | kWireTypeBits)) == (kMore | kLengthDelimited);
  return length < kMore && (short_tag || long_tag) ? length : 0;
}

// One scan of some bytes. What is decoded from text in them is scanned likewise, without decoding
// again.
class Scan {
 public:
  Scan(IdentifierFinder& identifiers, const PositionFinder& positions, const WindowEvents& events)
      : identifiers_(identifiers), positions_(positions), events_(events) {}

  void run(std::string_view bytes, bool unpack) {
    identifiers_.find(bytes, events_.identifier);
    positions_.find_binary(bytes, events_.position);
    for (TextRun run = next_text_run(bytes, 0); run.begin < bytes.size();
         run = next_text_run(bytes, run.end)) {
      without_age_headers(bytes, run, unpack);
    }
  }

 private:
  // An age file's header is text between random bytes: what stands before it would read as an
  // e-mail address at age-encryption.org, and a VIN shows up in its random base64 now and then.
  void without_age_headers(std::string_view bytes, TextRun run, bool unpack) {
    const std::string_view text = bytes.substr(0, run.end);
    for (std::size_t at = text.find(kAgeMagic, run.begin); at != std::string_view::npos;
         at = text.find(kAgeMagic, run.begin)) {
      this->text(bytes, {run.begin, at}, unpack);
      run.begin = at + age_header_bytes(text.substr(at));
    }
    this->text(bytes, run, unpack);
  }

  void text(std::string_view bytes, TextRun run, bool unpack) {
    const std::size_t length = run.end - run.begin;
    if (length < kTextBytesMin) return;
    const std::string_view text = bytes.substr(run.begin, length);
    // The tag of the next field may look like text, and glue itself to the end of a field.
    const std::size_t field = field_length(bytes, run.begin);
    if (field >= kFieldBytesMin && field <= length) {
      detect_text(text.substr(0, field), run.begin, true);
    }
    const bool alone = length == bytes.size();
    if (alone || length >= kRunBytesMin) {
      detect_text(text, run.begin, alone || length >= kEmailRunBytesMin);
    }
    if (length < kEncodedCharactersMin) return;
    positions_.find_text(text, [&](std::size_t position, std::size_t at, double confidence) {
      events_.position(position, run.begin + at, confidence);
    });
    if (!unpack) return;
    narrowed(text, run.begin);
    percent(text, run.begin);
    base64(text, run.begin);
    hex(text, run.begin);
  }

  void detect_text(std::string_view text, std::size_t base, bool emails) {
    detect_each(text, [&](const Detection& one) {
      if (one.what == Detected::kEmail && !emails) return;
      // What detect reads out of base64 is looked at below, with the care that random bytes need.
      const std::string_view place = text.substr(one.offset, one.length);
      if (one.encoded && place.find('%') == std::string_view::npos) return;
      const bool vehicle = one.what == Detected::kVin || one.what == Detected::kFrameNumber;
      if (vehicle && !one_case(place)) return;
      events_.detected(one.what, base + one.offset, one.confidence);
    });
  }

  // Full-width letters and digits.
  void narrowed(std::string_view text, std::size_t base) {
    if (!needs_narrowing(text)) return;
    const NarrowText narrow_text = narrow(text);
    identifiers_inside(narrow_text.text,
                       [&](std::size_t at) { return base + narrow_text.origin[at]; });
    positions_.find_text(narrow_text.text,
                         [&](std::size_t position, std::size_t at, double confidence) {
                           events_.position(position, base + narrow_text.origin[at], confidence);
                         });
  }

  void percent(std::string_view text, std::size_t base) {
    if (!has_percent_encoding(text)) return;
    const PercentDecoded decoded = decode_percent(text);
    identifiers_inside(decoded.text, [&](std::size_t at) { return base + decoded.origin[at]; });
    positions_.find_text(decoded.text,
                         [&](std::size_t position, std::size_t at, double confidence) {
                           events_.position(position, base + decoded.origin[at], confidence);
                         });
  }

  void base64(std::string_view text, std::size_t base) {
    for (const Base64Alphabet alphabet : {Base64Alphabet::kStandard, Base64Alphabet::kUrl}) {
      const auto inside = [&](char c) { return is_base64(c, alphabet); };
      each_run(text, inside, [&](std::size_t begin, std::string_view characters) {
        const bool plain = std::none_of(characters.begin(), characters.end(), [](char c) {
          return c == '+' || c == '/' || c == '-' || c == '_';
        });
        // Letters and digits mean the same in both alphabets.
        if (alphabet == Base64Alphabet::kUrl && plain) return;
        for (std::size_t skip = 0; skip < kBase64Alignments; ++skip) {
          decode_base64(characters.substr(skip), alphabet, decoded_);
          inside_encoded(base + begin + skip, 4, 3);
        }
      });
    }
  }

  void hex(std::string_view text, std::size_t base) {
    each_run(text, is_hex, [&](std::size_t begin, std::string_view digits) {
      for (std::size_t skip = 0; skip < 2; ++skip) {
        static_cast<void>(decode_hex(digits.substr(skip), decoded_));
        inside_encoded(base + begin + skip, 2, 1);
      }
    });
  }

  // Scans decoded_, of which `bytes` bytes came from `characters` characters.
  void inside_encoded(std::size_t base, std::size_t characters, std::size_t bytes) {
    const auto place = [&](std::size_t at) { return base + at / bytes * characters; };
    WindowEvents events;
    events.identifier = [&](std::size_t identifier, std::size_t at) {
      events_.identifier(identifier, place(at));
    };
    events.position = [&](std::size_t position, std::size_t at, double confidence) {
      events_.position(position, place(at), confidence);
    };
    events.detected = [&](Detected what, std::size_t at, double confidence) {
      events_.detected(what, place(at), confidence);
    };
    Scan(identifiers_, positions_, events).run(decoded_, false);
  }

  template <class Origin>
  void identifiers_inside(std::string_view text, const Origin& origin) {
    identifiers_.find(text, [&](std::size_t identifier, std::size_t at) {
      events_.identifier(identifier, origin(at));
    });
  }

  // The runs of characters of a kind that are long enough to hide something.
  template <class Inside, class Each>
  static void each_run(std::string_view text, const Inside& inside, const Each& each) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && inside(text[end])) ++end;
      if (end - at >= kEncodedCharactersMin) each(at, text.substr(at, end - at));
      at = std::max(end, at + 1);
    }
  }

  IdentifierFinder& identifiers_;
  const PositionFinder& positions_;
  const WindowEvents& events_;
  std::string decoded_;
};

}  // namespace

void scan_audit_window(std::string_view bytes, IdentifierFinder& identifiers,
                       const PositionFinder& positions, const WindowEvents& events) {
  Scan(identifiers, positions, events).run(bytes, true);
}

}  // namespace sudare
