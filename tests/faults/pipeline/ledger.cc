#include "tests/faults/pipeline/ledger.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "crypto/bytes.h"
#include "fleet/open/open_batch.h"
#include "tests/faults/pipeline/plan.h"

namespace sudare::faults {
namespace {

std::uint64_t number_in(const std::string& payload) {
  const std::size_t at = payload.find("\"n\":");
  return at == std::string::npos ? 0 : std::strtoull(payload.c_str() + at + 4, nullptr, 10);
}

bool is_exact(const std::string& purpose) {
  return std::any_of(std::begin(kExactPurposes), std::end(kExactPurposes),
                     [&purpose](const char* one) { return purpose == one; });
}

std::uint64_t count(const FateCounts& counts, Fate fate) {
  return static_cast<std::uint64_t>(counts.by_fate[static_cast<std::size_t>(fate)]);
}

std::string text(const char* what, const std::string& purpose, std::uint64_t number) {
  return purpose + ": message " + std::to_string(number) + " " + what;
}

}  // namespace

bool Ledger::allowed(const std::string& name, const Purpose& purpose) const {
  if (name == kEssential) return true;
  return purpose.granted.value_or(name != kOptIn);
}

void Ledger::taken(const CarMessage& message, const std::vector<std::string>& purposes,
                   bool served) {
  const bool numbered = !message.sequence.empty();
  numbered_[message.number] = numbered;
  // The first one counts, whatever became of it.
  const bool again =
      numbered && (seen_.count(message.number) > 0 || !new_numbers_.insert(message.number).second);
  for (const std::string& name : purposes) {
    const bool consented = allowed(name, purposes_[name]);
    const bool sound = !message.retained && !message.malformed && !again;
    const bool open = consented && (served || name == kEssential);
    const auto before = maybe_queued_.find(message.number);
    if (before != maybe_queued_.end() && before->second.count(name) == 0) {
      purposes_[name].excused.insert(message.number);
    }
    rows_.push_back({name, message.number, open && sound, consented || !served});
  }
}

void Ledger::word_taken(const std::string& name, bool granted, std::uint64_t counter) {
  const Purpose& purpose = purposes_[name];
  Word word{name, granted, counter, {}};
  if (!granted && counter > purpose.counter) {
    for (const std::uint64_t number : purpose.queued) {
      if (purpose.arrived.count(number) == 0) word.revoked.push_back(number);
    }
    for (const Row& row : rows_) {
      if (row.purpose == name && row.queued) word.revoked.push_back(row.number);
    }
  }
  new_words_.push_back(std::move(word));
  take_word(new_words_.back());
}

void Ledger::take_word(const Word& word) {
  Purpose& purpose = purposes_[word.purpose];
  purpose.word_unknown = false;
  if (word.counter <= purpose.counter) return;
  purpose.granted = word.granted;
  purpose.counter = word.counter;
}

void Ledger::committed() {
  for (const Row& row : rows_) {
    Purpose& purpose = purposes_[row.purpose];
    ++purpose.taken;
    ++acknowledged_;
    if (row.queued) purpose.queued.insert(row.number);
    if (!row.consented) ++purpose.not_consented;
  }
  rows_.clear();
  seen_.insert(new_numbers_.begin(), new_numbers_.end());
  new_numbers_.clear();
  for (const Word& word : new_words_) {
    Purpose& purpose = purposes_[word.purpose];
    auto& [granted, counter] = words_[word.purpose];
    if (word.counter > counter) {
      granted = word.granted;
      counter = word.counter;
    }
    purpose.revoked.insert(word.revoked.begin(), word.revoked.end());
  }
  new_words_.clear();
  uncertain_ = false;
}

void Ledger::restarted() {
  for (const Row& row : rows_) {
    if (!uncertain_) break;
    Purpose& purpose = purposes_[row.purpose];
    ++purpose.maybe;
    ++repeats_[row.number];
    if (!numbered_[row.number]) continue;
    std::set<std::string>& queued = maybe_queued_[row.number];
    if (row.queued) queued.insert(row.purpose);
  }
  rows_.clear();
  new_numbers_.clear();
  for (auto& [name, purpose] : purposes_) {
    purpose.granted = words_[name].first;
    purpose.counter = words_[name].second;
  }
  for (const Word& word : new_words_) purposes_[word.purpose].word_unknown = uncertain_;
  new_words_.clear();
  uncertain_ = false;
}

void Ledger::will_come_again(const CarMessage& message) { ++repeats_[message.number]; }

void Ledger::offered(const std::string& file) {
  const auto opened =
      open_batch(plan().keys.at(kEssential), kEssential, Unsigned::kRefused, bytes_of(file));
  if (!opened) return find("an essential file does not open");
  for (const v1::Record& record : opened->batch.records()) {
    purposes_[kEssential].offered.insert(number_in(record.payload()));
  }
}

void Ledger::published(const std::string& name, const std::string& file) {
  Purpose& purpose = purposes_[name];
  if (!allowed(name, purpose) && !purpose.word_unknown) {
    find(name + ": published after its withdrawal");
  }
  const bool none = name == "plain" || name == "probe";
  const auto opened = open_batch(plan().keys.at(name), name,
                                 none ? Unsigned::kTaken : Unsigned::kRefused, bytes_of(file));
  if (!opened) return find(name + ": a file does not open");
  const Arrival arrival = purpose.receiver.take(*opened);
  if (arrival == Arrival::kFork) find(name + ": a fork");
  if (arrival != Arrival::kDuplicate) arrive(name, purpose, opened->batch);
}

void Ledger::arrive(const std::string& name, Purpose& purpose, const v1::Batch& batch) {
  std::vector<std::uint64_t> numbers;
  for (const v1::Record& record : batch.records()) {
    const std::uint64_t number = number_in(record.payload());
    if (number == 0) continue;
    numbers.push_back(number);
    const std::uint64_t repeats = repeats_[number];
    const bool again = !purpose.arrived.insert(number).second;
    if (again && (numbered_[number] || repeats == 0)) {
      ++duplicated_;
      find(text("came twice", name, number));
    }
    if (repeats > 0) continue;
    if (!again && purpose.revoked.count(number) > 0) {
      find(text("was withdrawn, and came", name, number));
    }
    if (is_exact(name) && purpose.queued.count(number) == 0) {
      find(text("came, and may not", name, number));
    }
  }
  // Without pseudonym there is no order, by intent.
  if (batch.pseudonym().empty()) return;
  purpose.batches[batch.pseudonym()][batch.first_record()] = std::move(numbers);
}

std::uint64_t Ledger::essential_waiting() const {
  const auto found = purposes_.find(kEssential);
  if (found == purposes_.end()) return 0;
  const Purpose& purpose = found->second;
  return static_cast<std::uint64_t>(
      std::count_if(purpose.queued.begin(), purpose.queued.end(),
                    [&](std::uint64_t number) { return purpose.offered.count(number) == 0; }));
}

void Ledger::settle(const Account& account) {
  for (auto& [name, purpose] : purposes_) {
    const auto found = account.purposes.find(name);
    judge(name, purpose, found == account.purposes.end() ? FateCounts() : found->second);
    check_order(name, purpose);
  }
}

void Ledger::judge(const std::string& name, Purpose& purpose, const FateCounts& counts) {
  if (counts.taken < purpose.taken || counts.taken > purpose.taken + purpose.maybe) {
    if (counts.taken < purpose.taken) lost_ += purpose.taken - counts.taken;
    find(name + ": the account took " + std::to_string(counts.taken) + ", acknowledged were " +
         std::to_string(purpose.taken) + " to " + std::to_string(purpose.taken + purpose.maybe));
  }
  if (name == kEssential && count(counts, Fate::kEvicted) > 0) find("essential rows were evicted");
  if (count(counts, Fate::kQueued) + count(counts, Fate::kHeldBack) > 0) {
    find(name + ": something still waits");
  }
  if (!is_exact(name)) return;
  std::uint64_t missing = 0;
  for (const std::uint64_t number : purpose.queued) {
    if (purpose.excused.count(number) > 0) continue;
    if (purpose.arrived.count(number) == 0) ++missing;
  }
  const std::uint64_t not_consented = count(counts, Fate::kNotConsented);
  const std::uint64_t reasons =
      count(counts, Fate::kEvicted) + count(counts, Fate::kExpired) +
      count(counts, Fate::kQuarantined) +
      (not_consented > purpose.not_consented ? not_consented - purpose.not_consented : 0);
  if (missing > reasons) {
    lost_ += missing - reasons;
    find(name + ": " + std::to_string(missing) + " did not arrive, the account knows of " +
         std::to_string(reasons));
  }
}

// Records of a pseudonym have the order in which their messages were taken.
void Ledger::check_order(const std::string& name, const Purpose& purpose) {
  for (const auto& [pseudonym, batches] : purpose.batches) {
    std::uint64_t last = 0;
    for (const auto& [first, numbers] : batches) {
      for (const std::uint64_t number : numbers) {
        const auto repeats = repeats_.find(number);
        if (repeats != repeats_.end() && repeats->second > 0) continue;
        if (number <= last) return find(text("is out of order", name, number));
        last = number;
      }
    }
  }
}

}  // namespace sudare::faults
