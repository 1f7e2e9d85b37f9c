// Fills a Record for the codecs: appends items within the limits, and takes event time, ignition,
// and what is said of a clip and of the car from the values that pass by.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "gateway/policy/policy.h"
#include "gateway/stages.h"

namespace sudare {

// Lives for one message. Keeps references. kTooLarge where the record holds kRecordItemsMax.
class RecordBuilder {
 public:
  // `clip`, `car`: to be filled where the source has a clip_event, an identity_field.
  RecordBuilder(const SourcePlan& plan, Record& record, RecordBody& body, ClipNotice& clip,
                CarNumbers& car)
      : plan_(plan), record_(record), body_(body), clip_(clip), car_(car) {}

  [[nodiscard]] TextSpan add_text(std::string_view text) {
    const TextSpan span{static_cast<std::uint32_t>(body_.text.size()),
                        static_cast<std::uint32_t>(text.size())};
    body_.text.append(text);
    return span;
  }

  // `item` without its node's meaning; text values carry their span.
  [[nodiscard]] Status add(const Item& item) {
    if (body_.items.size() >= kRecordItemsMax) {
      return fail(ErrorCode::kTooLarge, "decode: more items than a record may hold");
    }
    body_.items.push_back(item);
    if (item.kind != ItemKind::kValue) return Done{};
    if (item.node == plan_.time_node) take_time(item);
    if (item.node == plan_.ignition_node) take_ignition(item);
    if (plan_.clip_event) take_clip(item);
    if (plan_.car_identity) take_car(item);
    return Done{};
  }
  [[nodiscard]] Status open(NodeIndex node, ItemKind kind, TextSpan key = {}) {
    Item item;
    item.node = node;
    item.kind = kind;
    item.key = key;
    return add(item);
  }
  [[nodiscard]] Status close(NodeIndex node) { return open(node, ItemKind::kClose); }

  void count_unknown_enum() { ++record_.unknown_enums; }
  void set_ignition(bool on) {
    record_.ignition_known = true;
    record_.ignition_on = on;
  }

  [[nodiscard]] std::vector<Item>& items() { return body_.items; }

 private:
  void take_time(const Item& item);
  void take_ignition(const Item& item);
  void take_clip(const Item& item);
  void take_car(const Item& item);
  [[nodiscard]] std::string_view text_of(const Item& item) const {
    return std::string_view(body_.text).substr(item.text.offset, item.text.length);
  }

  const SourcePlan& plan_;
  Record& record_;
  RecordBody& body_;
  ClipNotice& clip_;
  CarNumbers& car_;
};

}  // namespace sudare
