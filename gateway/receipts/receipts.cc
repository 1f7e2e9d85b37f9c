#include "gateway/receipts/receipts.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "gateway/receipts/reveal.h"
#include "gateway/store/journal_entry.h"

namespace sudare {
namespace {

// Numbers end far below where arithmetic on them would.
constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 62;

struct Sequence {
  std::string_view producer;
  std::uint64_t number = 0;
  std::uint64_t oldest = 0;
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || stopped != end || number == 0 || number > kSequenceMax) {
    return std::nullopt;
  }
  return number;
}

std::optional<Sequence> sequence_in(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == text.npos ? first : text.find('/', first + 1);
  if (second == text.npos) return std::nullopt;
  const auto number = number_in(text.substr(first + 1, second - first - 1));
  const auto oldest = number_in(text.substr(second + 1));
  if (!number || !oldest || *oldest > *number) return std::nullopt;
  return Sequence{text.substr(0, first), *number, *oldest};
}

}  // namespace

bool is_producer_name(std::string_view name) {
  return !name.empty() && name.size() <= kProducerNameBytesMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == name.npos;
}

bool filter_matches(std::string_view filter, std::string_view topic) {
  while (true) {
    if (filter == "#") return true;
    const std::size_t filter_end = std::min(filter.find('/'), filter.size());
    const std::size_t topic_end = std::min(topic.find('/'), topic.size());
    const std::string_view level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    const bool filter_ends = filter_end == filter.size();
    if (topic_end == topic.size()) return filter_ends || filter.substr(filter_end) == "/#";
    if (filter_ends) return false;
    filter.remove_prefix(filter_end + 1);
    topic.remove_prefix(topic_end + 1);
  }
}

bool filter_covers(std::string_view filter, std::string_view other) {
  const auto open = [](std::string_view one) { return !one.empty() && one.back() == '#'; };
  return filter_matches(filter, other) && (open(filter) || !open(other));
}

Result<std::unique_ptr<Receipts>> Receipts::load(const Store& store,
                                                 const std::vector<ReceiptProducer>& producers,
                                                 const std::string& topic) {
  auto receipts = std::make_unique<Receipts>();
  receipts->topic_ = topic;
  for (const ReceiptProducer& plan : producers) {
    Producer producer;
    producer.plan = plan;
    TRY(const auto kept, store.state(kReceiptsModule, plan.name));
    if (kept) {
      TRY(producer.window, SequenceWindow::decode(*kept));
    }
    producer.committed = producer.window.received();
    receipts->producers_.push_back(std::move(producer));
  }
  return receipts;
}

Receipts::Producer* Receipts::find(std::string_view name, std::string_view topic) {
  for (Producer& producer : producers_) {
    if (producer.plan.name != name) continue;
    const auto& filters = producer.plan.filters;
    const bool own = std::any_of(filters.begin(), filters.end(), [&](const std::string& filter) {
      return filter_matches(filter, topic);
    });
    return own ? &producer : nullptr;
  }
  return nullptr;
}

bool Receipts::is_receipt(const Message& message) const {
  const std::string_view topic = message.topic.reveal(ReceiptStage::key());
  return !topic_.empty() && topic.size() > topic_.size() && topic[topic_.size()] == '/' &&
         topic.substr(0, topic_.size()) == topic_;
}

std::vector<std::string> Receipts::with_topics_of_producers(
    std::vector<std::string> filters) const {
  for (const Producer& producer : producers_) {
    filters.insert(filters.end(), producer.plan.filters.begin(), producer.plan.filters.end());
  }
  std::vector<std::string> least;
  for (const std::string& one : filters) {
    const auto covers_one = [&](const std::string& other) { return filter_covers(other, one); };
    if (std::any_of(least.begin(), least.end(), covers_one)) continue;
    std::erase_if(least, [&](const std::string& other) { return filter_covers(one, other); });
    least.push_back(one);
  }
  return least;
}

Receipts::Verdict Receipts::take(const Message& message) {
  const std::string& text = message.sequence.reveal(ReceiptStage::key());
  if (text.empty()) return Verdict::kTake;
  const auto sequence = sequence_in(text);
  Producer* const producer =
      sequence ? find(sequence->producer, message.topic.reveal(ReceiptStage::key())) : nullptr;
  if (producer == nullptr) {
    ++refused_;
    return Verdict::kTake;
  }
  const SequenceWindow before = producer->window;
  producer->window.skip_to(sequence->oldest);
  const SequenceWindow::Verdict verdict = producer->window.note(sequence->number);
  if (!(producer->window == before)) producer->changed = true;
  switch (verdict) {
    case SequenceWindow::Verdict::kNew: return Verdict::kTake;
    case SequenceWindow::Verdict::kTooFar: return Verdict::kTooFar;
    case SequenceWindow::Verdict::kSeen: break;
  }
  // It has not seen its receipt.
  producer->due = true;
  return Verdict::kSeen;
}

void Receipts::take_changes(std::vector<StateEntry>& out) {
  for (Producer& producer : producers_) {
    if (!producer.changed) continue;
    producer.changed = false;
    out.push_back({kReceiptsModule, producer.plan.name, producer.window.encode()});
  }
}

void Receipts::committed() {
  for (Producer& producer : producers_) {
    if (producer.committed == producer.window.received()) continue;
    producer.committed = producer.window.received();
    producer.due = true;
  }
}

std::vector<Receipt> Receipts::due() {
  std::vector<Receipt> receipts;
  for (Producer& producer : producers_) {
    if (producer.due) receipts.push_back({producer.plan.name, producer.committed});
    producer.due = false;
  }
  return receipts;
}

void Receipts::publish_all() {
  for (Producer& producer : producers_) producer.due = true;
}

}  // namespace sudare
