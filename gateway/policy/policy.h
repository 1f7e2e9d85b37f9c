// The policy as the pipeline uses it: compiled from policy.proto's text form by load.h, checked,
// with every path resolved against its schema and every purpose named by an index. Immutable; the
// pipeline swaps whole policies. Not here: reading text (load.h), the refusals (check.h), the state
// that rules keep (gateway/minimize).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "crypto/seal/recipient.h"
#include "sudare/v1/policy.pb.h"
#include "sudare/v1/privacy.pb.h"

namespace sudare {

using PurposeIndex = std::uint16_t;
using SourceIndex = std::uint16_t;
using NodeIndex = std::uint16_t;
inline constexpr NodeIndex kNoNode = std::numeric_limits<NodeIndex>::max();
inline constexpr NodeIndex kRootNode = 0;

enum class Codec : std::uint8_t { kProtobuf = 1, kJson = 2 };  // values of v1::Record::Codec

// How a field is encoded: Protobuf's types, or kJson for whatever JSON holds there.
enum class FieldType : std::uint8_t {
  kMessage,
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kSint32,
  kSint64,
  kFixed32,
  kFixed64,
  kSfixed32,
  kSfixed64,
  kFloat,
  kDouble,
  kBool,
  kEnum,
  kString,
  kBytes,
  kJson,
};

// A field that the policy names, or one on the way to it. The nodes of a source form a tree; node 0
// is the payload.
struct FieldNode {
  std::string name;  // Protobuf field name, JSON key, "*" (any key) or a list index in digits
  std::int32_t number = 0;  // Protobuf field number; 0 in JSON
  FieldType type = FieldType::kJson;
  bool repeated =
      false;  // Protobuf lists; maps are repeated messages with children key (1) and value (2)
  bool map = false;     // "*" on it names both children: both are leaves and both have rules
  bool packed = false;  // how a list is written; both forms are read
  bool proto3_optional = false;  // presence is explicit: zero values are written
  bool value = false;            // a leaf whose value is wanted; else only its children are
  v1::PersonalClass personal = v1::UNCLASSED;
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  std::uint16_t group = 0;          // fields of one position have the same non-zero number
  std::vector<NodeIndex> children;  // sorted by number, or by name in JSON
  std::vector<std::int32_t>
      enum_values;  // sorted; a value not in it counts as unknown and is dropped
};

enum class Action : std::uint8_t { kDrop, kKeep, kCoarsen, kPseudonymize, kGeneralize };

struct FieldRule {
  Action action = Action::kDrop;
  double step = 0;
  double least = 0;
  double most = 0;                          // clamped where most > least
  std::vector<v1::PersonalClass> tolerate;  // with the field's own class, if it is personal
  v1::Field::Combine combine = v1::Field::COMBINE_UNSPECIFIED;  // with ReleasePlan::aggregate_days
};

struct TopicLevel {
  std::string text;  // the level itself, or the name of what it captures
  bool capture = false;
  bool rest = false;  // captures all remaining levels
  v1::PersonalClass personal = v1::UNCLASSED;
};

// Both ends of trips stay in the car (gateway/minimize/trip_ends.h). The same in all releases of a
// purpose that have one.
struct HoldBackPlan {
  v1::Cell ring = v1::CELL_UNSPECIFIED;  // CELL_UNSPECIFIED: no hold-back
  std::uint32_t rest_ms = 0;
  v1::Cell at_once = v1::CELL_UNSPECIFIED;

  explicit operator bool() const { return ring != v1::CELL_UNSPECIFIED; }
};

// One source's rules for one purpose.
struct ReleasePlan {
  PurposeIndex purpose = 0;
  std::vector<FieldRule> rules;  // by NodeIndex, as many as the source has nodes
  std::vector<FieldRule>
      level_rules;  // by topic level; kDrop puts "_" in the level's place; literal levels kKeep
  v1::Cell cell = v1::CELL_UNSPECIFIED;
  bool on_move = false;
  HoldBackPlan hold_back;
  std::uint16_t aggregate_days = 0;  // 0: a record per message
  std::uint32_t bucket_ms = 0;
  bool exact_time = false;
  std::uint32_t min_interval_ms = 0;
  int line = 0;  // of the policy file, for explanations
};

// Where a source's messages say which clip belongs to an event; kNoNode: nowhere.
struct ClipEventPlan {
  NodeIndex file = kNoNode;
  NodeIndex moment = kNoNode;
  NodeIndex trigger = kNoNode;
  NodeIndex model = kNoNode;

  explicit operator bool() const { return file != kNoNode; }
};

// Where a source's messages say which car they come from; kNoNode: nowhere.
struct CarIdentityPlan {
  NodeIndex vin = kNoNode;
  NodeIndex frame_number = kNoNode;

  explicit operator bool() const { return vin != kNoNode || frame_number != kNoNode; }
};

struct SourcePlan {
  std::vector<TopicLevel> levels;
  std::string topic_filter;  // the MQTT subscription: "tesla/+/v/Location"
  Codec codec = Codec::kProtobuf;
  std::string message_type;
  std::vector<FieldNode> nodes;
  NodeIndex time_node = kNoNode;
  NodeIndex ignition_node = kNoNode;
  ClipEventPlan clip_event;
  CarIdentityPlan car_identity;
  bool urgent = false;
  bool gnss_time = false;
  std::vector<ReleasePlan> releases;  // at most one per purpose
};

// What of a batch with a piece of a clip isn't the piece: names, keys, ids, manifest, the ranges
// that its last batch reports, SignedBatch's own fields.
inline constexpr std::uint32_t kClipChunkOverheadBytes = 4096;

// Text that recorders of one model write into the picture: thousandths of its width and height.
struct BurnedInPlan {
  std::string recorder_model;  // empty: every model that no other rectangle names
  std::uint16_t left = 0;
  std::uint16_t top = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

// What a purpose takes of a drive recorder's clips.
struct ClipPlan {
  v1::Clips::Profile profile = v1::Clips::SKETCH;
  std::vector<v1::Clips::Trigger> triggers;
  std::uint32_t before_ms = 0;  // of the event's moment
  std::uint32_t after_ms = 0;
  bool sound = false;
  std::vector<BurnedInPlan> burned_in;
  std::uint32_t chunk_bytes = 0;
  std::uint64_t daily_bytes_max = 0;  // 0: no bound
  bool unmetered_only = false;
  bool delete_afterwards = false;  // the recorder's file, once all purposes have it
  bool delete_rejected = false;

  [[nodiscard]] bool wants(v1::Clips::Trigger trigger) const {
    for (const v1::Clips::Trigger one : triggers) {
      if (one == trigger) return true;
    }
    return false;
  }
};

enum class PseudonymKind : std::uint8_t { kNone, kRotate, kUntilTransfer };

// Named by a certificate; sealed to on its days only.
struct CertifiedRecipient {
  age::Recipient recipient;
  std::uint64_t serial = 0;
  std::int64_t not_before_day = 0;  // unix days, inclusive
  std::int64_t not_after_day = 0;
};

struct PurposePlan {
  std::string name;
  std::vector<age::Recipient> recipients;     // on every day
  std::vector<CertifiedRecipient> certified;  // beside them
  PseudonymKind pseudonym = PseudonymKind::kNone;
  std::uint16_t rotate_days = 0;
  v1::Purpose::Consent consent = v1::Purpose::OPT_IN;
  v1::Purpose::Audience audience = v1::Purpose::SERVICE;
  std::uint32_t linger_ms = 0;
  std::uint32_t batch_bytes_max = 0;
  std::uint32_t keep_hours = 0;
  std::uint8_t priority = 0;
  bool essential = false;
  std::optional<ClipPlan> clips;  // it takes clips, and nothing else
  std::uint32_t bucket_ms =
      0;  // longest time bucket of any release to it; batches go out in the next one
  std::array<std::uint8_t, 16>
      slice{};  // SHA-256 of the canonical form of this purpose's rules, first 16 bytes

  // Whom a batch of that day is sealed to, each once; may be empty.
  [[nodiscard]] std::vector<age::Recipient> recipients_on(std::int64_t unix_day) const;
};

struct Policy {
  std::uint64_t serial = 0;
  std::int64_t not_before_day = 0;  // unix days, inclusive
  std::int64_t not_after_day = 0;
  std::vector<PurposePlan> purposes;
  std::vector<SourcePlan> sources;

  [[nodiscard]] bool valid_on(std::int64_t unix_day) const {
    return unix_day >= not_before_day && unix_day <= not_after_day;
  }
};

// The SourcePlan whose topic matches; at most one does (the policy check refuses overlaps). Pure.
// Not fast: the decoder keeps a table of its own.
[[nodiscard]] const SourcePlan* find_source(const Policy& policy, std::string_view topic);

}  // namespace sudare
