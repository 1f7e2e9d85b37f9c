// A record as text, for comparisons: `speed_kmh=42.5 children{ packed=1 }`.
#pragma once

#include <string>

#include "gateway/decode/decoder.h"

namespace sudare {

// Values by the names of their nodes; "key:" before what has one; lists in [ ], objects in { }.
std::string text_of(const SourcePlan& plan, const Record& record);

// A policy of one source, its decoder, and messages to it.
class OneSource {
 public:
  explicit OneSource(SourcePlan plan);

  [[nodiscard]] const SourcePlan& plan() const { return policy_.sources[0]; }
  // Decodes; the record's text, or "error: " and the code's name.
  std::string decode(const std::string& payload);
  [[nodiscard]] const Record& record() const { return record_; }
  Decoder& decoder() { return decoder_; }

 private:
  Policy policy_;
  Decoder decoder_;
  Record record_;
};

// The source's literal topic with "x" in the place of captures.
Message message_to(const SourcePlan& plan, const std::string& payload);

}  // namespace sudare
