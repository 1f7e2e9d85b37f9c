#include "tests/unit/decode/record_text.h"

#include <sstream>
#include <string_view>
#include <utility>

#include "tests/testkit/reveal.h"

namespace sudare {
namespace {

Policy policy_of(SourcePlan plan) {
  Policy policy;
  policy.sources.push_back(std::move(plan));
  return policy;
}

void write_value(std::ostream& out, const Item& item, std::string_view text) {
  switch (item.type) {
    case ValueType::kNull: out << "null"; break;
    case ValueType::kBool: out << (item.integer != 0 ? "true" : "false"); break;
    case ValueType::kInt: out << item.integer; break;
    case ValueType::kUint: out << item.natural << "u"; break;
    case ValueType::kDouble: out << item.real << "d"; break;
    case ValueType::kText: out << '"' << text << '"'; break;
    case ValueType::kBytes: out << "b\"" << text << '"'; break;
  }
}

}  // namespace

std::string text_of(const SourcePlan& plan, const Record& record) {
  const RecordBody& body = record.body.reveal(TestReveal::key());
  const auto span = [&body](TextSpan s) {
    return std::string_view(body.text).substr(s.offset, s.length);
  };
  std::ostringstream out;
  for (const Item& item : body.items) {
    const bool close = item.kind == ItemKind::kClose;
    out << (out.tellp() > 0 ? " " : "");
    if (!close && item.key.length > 0) out << span(item.key) << ":";
    if (!close) out << plan.nodes[item.node].name;
    if (item.kind == ItemKind::kOpenObject) out << "{";
    if (item.kind == ItemKind::kOpenList) out << "[";
    if (close) out << "end";
    if (item.kind != ItemKind::kValue) continue;
    out << "=";
    write_value(out, item, span(item.text));
  }
  return out.str();
}

OneSource::OneSource(SourcePlan plan) : policy_(policy_of(std::move(plan))), decoder_(policy_) {}

std::string OneSource::decode(const std::string& payload) {
  const Status status = decoder_.decode(message_to(plan(), payload), 0, record_);
  if (status) return text_of(plan(), record_);
  const RecordBody& body = record_.body.reveal(TestReveal::key());
  if (!body.items.empty() || !body.text.empty()) return "error, but the record is not empty";
  return "error: " + std::string(literal_of(status.error().code).view());
}

Message message_to(const SourcePlan& plan, const std::string& payload) {
  std::string topic;
  for (const TopicLevel& level : plan.levels) {
    topic += (topic.empty() ? "" : "/") + (level.capture ? std::string("x") : level.text);
  }
  Message message;
  message.topic.set(topic);
  message.payload.set(payload);
  message.received_ms = 1'700'000'000'000;
  return message;
}

}  // namespace sudare
