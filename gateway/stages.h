// The file to read first: the types that the stages hand on.
//
//   collect ─ Message ─▶ decode ─ Record ─▶ detect ─ Record (flags) ─▶ minimize ─ Release ─▶ seal ─
//   Sealed ─▶ store, upload
//
// A Message holds what came from the car. A Record holds the fields of it that the policy names and
// nothing else. A Release is what one purpose may know; only minimize makes one. A Sealed is a
// Release's ciphertext; only seal makes one, and only a Sealed is stored or sent.
//
//   the drive recorder's file ─▶ sudare-clip ─▶ clips ─ ClipPiece ─▶ seal ─ Sealed ─▶ store, upload
//
// A ClipPiece is for a clip what a Release is for a message; only clips makes one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/personal.h"
#include "gateway/policy/policy.h"
#include "sudare/v1/batch.pb.h"

namespace sudare {

// --- collect
// ---------------------------------------------------------------------------------------------------------

struct Message {
  Personal<std::string> topic;     // a level can hold an identifier
  Personal<std::string> payload;   // ≤ kPayloadBytesMax
  Personal<std::string> sequence;  // what its producer says of its number; empty: nothing
  std::int64_t received_ms = 0;    // wall clock, unix ms
  bool retained = false;           // a retained sensor message is old: ignored
  bool over_normal = false;        // collected by the session of topics that are not urgent
};

// --- decode, detect
// --------------------------------------------------------------------------------------------------

// A piece of RecordBody::text.
struct TextSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

enum class ItemKind : std::uint8_t {
  kValue,
  kOpenObject,  // a nested message, JSON object or map entry begins …
  kOpenList,    // JSON only: a list begins; Protobuf lists are just repeated items
  kClose,       // … and ends
};

enum class ValueType : std::uint8_t { kNull, kBool, kInt, kUint, kDouble, kText, kBytes };

// What detect found in a text: one bit per class it knows (detect/detector.h).
using DetectedClasses = std::uint16_t;

// One step of a pre-order walk over the named part of the payload.
struct Item {
  NodeIndex node = kRootNode;
  ItemKind kind = ItemKind::kValue;
  ValueType type = ValueType::kNull;
  DetectedClasses detected = 0;      // in the value's text
  DetectedClasses key_detected = 0;  // in the key
  TextSpan key;                      // where the node is "*": the key itself
  TextSpan text;                     // kText, kBytes
  union {
    std::int64_t integer = 0;  // kInt, kBool (0, 1); Protobuf enums
    std::uint64_t natural;     // kUint
    double real;               // kDouble
  };
};

struct RecordBody {
  std::vector<Item> items;
  std::string text;              // what the TextSpans point into; valid UTF-8 for kText
  std::vector<TextSpan> levels;  // the topic's levels, as many as the source has
  void clear() {
    items.clear();
    text.clear();
    levels.clear();
  }
};

// What an event says of a clip in the spool directory (gateway/clips).
struct ClipNotice {
  std::string file;   // as the message names it: not yet looked at
  std::string model;  // the recorder's; empty: not said
  v1::Clips::Trigger trigger = v1::Clips::TRIGGER_UNSPECIFIED;  // also where it is none
  std::int64_t moment_ms = 0;  // from the clip's start; -1: not said, or no number

  void clear() {
    file.clear();
    model.clear();
    trigger = v1::Clips::TRIGGER_UNSPECIFIED;
    moment_ms = 0;
  }
};

// What a message says of the car that it comes from (gateway/car), as it writes it: not yet looked
// at. Empty: not said.
struct CarNumbers {
  std::string vin;
  std::string frame_number;

  void clear() {
    vin.clear();
    frame_number.clear();
  }
};

// Reused from message to message, so that a steady state allocates nothing.
struct Record {
  SourceIndex source = 0;
  std::int64_t time_ms = 0;         // event time: the policy's time field, else the time of receipt
  bool event_time = false;          // time_ms came from the message
  bool ignition_known = false;      // the source's ignition_field was there …
  bool ignition_on = false;         // … and not 0
  std::uint32_t unknown_enums = 0;  // values that the schema does not name: dropped
  bool clip_named = false;          // the source has a clip_event …
  Personal<ClipNotice> clip;        // … and this is what it says
  Personal<CarNumbers> car;         // where the source has an identity_field
  Personal<RecordBody> body;
};

// --- minimize
// --------------------------------------------------------------------------------------------------------

// What one purpose may know of one message. Only minimize makes one; only seal (and the preview
// tool) reads it.
class Release {
 public:
  struct Content {
    std::string topic;         // minimised
    std::int64_t time_ms = 0;  // minimised
    Codec codec = Codec::kProtobuf;
    std::string payload;  // minimised; same codec and schema as it came in
  };

  Release(const Passkey<MinimizeStage>& /*passkey*/, PurposeIndex purpose, Content content)
      : purpose_(purpose), content_(std::move(content)) {}

  // A Release is reused from record to record: to be filled by the stage.
  [[nodiscard]] Content& refill(const Passkey<MinimizeStage>& /*passkey*/, const Reveal& reveal,
                                PurposeIndex purpose, bool at_once) {
    purpose_ = purpose;
    at_once_ = at_once;
    return content_.reveal(reveal);
  }

  [[nodiscard]] PurposeIndex purpose() const { return purpose_; }
  // News that its purpose wants now (HoldBack::at_once): its batch waits for nothing.
  [[nodiscard]] bool at_once() const { return at_once_; }
  [[nodiscard]] const Content& reveal(const Reveal& passkey) const {
    return content_.reveal(passkey);
  }

 private:
  PurposeIndex purpose_ = 0;
  bool at_once_ = false;
  Personal<Content> content_;
};

// --- clips
// ---------------------------------------------------------------------------------------------------------

// A piece of a clip as sudare-clip rebuilt it: what one purpose may see of what was filmed.
class ClipPiece {
 public:
  struct Content {
    std::array<std::uint8_t, 16> clip_id{};
    std::uint32_t index = 0;   // from 0
    std::uint64_t offset = 0;  // of `data` in the clip
    std::string data;
    std::optional<v1::ClipManifest> manifest;  // in the last piece only
  };

  ClipPiece(const Passkey<ClipStage>& /*passkey*/, PurposeIndex purpose) : purpose_(purpose) {}
  ClipPiece(ClipPiece&&) = default;
  ClipPiece& operator=(ClipPiece&&) = default;
  ClipPiece(const ClipPiece&) = delete;
  ClipPiece& operator=(const ClipPiece&) = delete;
  ~ClipPiece() = default;

  // A piece is reused from one to the next of its clip.
  [[nodiscard]] Content& refill(const Passkey<ClipStage>& /*passkey*/, const Reveal& reveal) {
    return content_.reveal(reveal);
  }

  [[nodiscard]] PurposeIndex purpose() const { return purpose_; }
  [[nodiscard]] const Content& reveal(const Reveal& passkey) const {
    return content_.reveal(passkey);
  }

 private:
  PurposeIndex purpose_;
  Personal<Content> content_;
};

// --- seal
// ------------------------------------------------------------------------------------------------------------

// Chosen by seal, rising, unique within a store.
using RowId = std::uint64_t;

// Which records a row holds. Numbers count a purpose's records within an epoch, from 0. For
// purposes without pseudonym they never leave the unit.
struct RecordRange {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
};

// What the store and the uploader must know about a row without opening it. Nothing here tells car
// or place.
struct SealedMeta {
  RowId id = 0;
  std::string purpose;
  std::uint8_t shard = 0;  // last level of the cloud topic
  std::uint16_t epoch_days = 0;
  std::uint32_t epoch = 0;
  RecordRange records;
  bool fragment = false;  // the batch it belongs to is still open
  bool held = false;      // a piece of a clip that is not whole yet (gateway/store/store.h)
  bool essential = false;
  std::uint8_t priority = 0;
  std::int64_t not_before_ms = 0;  // Clock::monotonic_ms(); 0: at once
  std::uint32_t keep_hours = 0;
};

// An age file. Only seal makes one; only this is stored or sent.
class Sealed {
 public:
  Sealed(const Passkey<SealStage>& /*passkey*/, SealedMeta meta, std::string bytes)
      : meta_(std::move(meta)), bytes_(std::move(bytes)) {}

  [[nodiscard]] const SealedMeta& meta() const { return meta_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  SealedMeta meta_;
  std::string bytes_;
};

}  // namespace sudare
