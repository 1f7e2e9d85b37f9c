// The gateway's own decode, detect and minimize stages on a message that an engineer holds in hand:
// what would be released to whom, and what would not and why. Same code as on the car, no broker,
// no seal. Consent counts as given.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/account.h"
#include "gateway/minimize/minimizer.h"
#include "gateway/policy/policy.h"

namespace sudare {

// One row of the account, with what a recipient would find.
struct PreviewRow {
  bool has_purpose = false;  // false: no rule names the topic
  PurposeIndex purpose = 0;
  Fate fate = Fate::kDropped;  // kQueued: released
  Reason reason = Reason::kNone;
  std::string detail;        // why decoding failed: an Error's literal
  int policy_line = 0;       // of the release rule; 0: none
  Release::Content content;  // where released
  bool waited = false;       // a row of an earlier message, whose fate is decided now
};

struct PreviewFieldFate {
  PurposeIndex purpose = 0;
  NodeIndex node = kRootNode;
  FieldFate fate = FieldFate::kDropped;
};

// Not thread-safe. Keeps references to `policy` and `keys`. Rules keep their state from message to
// message, as on the car.
class Preview {
 public:
  Preview(const Policy& policy, const FieldKeys& keys);
  ~Preview();
  Preview(const Preview&) = delete;
  Preview& operator=(const Preview&) = delete;

  // One row per purpose that names the topic, or one without. `fields` (may be null) takes what
  // happened to each field.
  // Rows that were held back and leave now come first; then those of this message, of which one
  // that waits has Fate::kHeldBack; rows that will never leave are told too, without content.
  std::vector<PreviewRow> run(std::string topic, std::string payload, std::int64_t received_ms,
                              std::vector<PreviewFieldFate>* fields = nullptr);
  // What the message of the last run() says of a drive recorder's clip; nothing where its source
  // has no clip_event, or it could not be read.
  [[nodiscard]] std::optional<ClipNotice> clip() const;
  // The end of the input: what is held back now is lost, as when a unit restarts.
  std::vector<PreviewRow> end();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For purposes whose pseudonyms are not wanted: field pseudonyms need keys, so such fields are
// dropped.
class NoFieldKeys final : public FieldKeys {
 public:
  [[nodiscard]] const SecretBytes<32>* field_key(PurposeIndex /*purpose*/) const override {
    return nullptr;
  }
};

}  // namespace sudare
