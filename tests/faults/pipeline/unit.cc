#include "tests/faults/pipeline/unit.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "gateway/store/state_directory.h"
#include "tests/faults/pipeline/plan.h"

namespace sudare::faults {
namespace {

constexpr std::size_t kOutstandingMax = 40;
constexpr int kEssentialRank = 1000;

bool word_in(const CarMessage& message, bool& granted, std::uint64_t& counter) {
  if (message.topic.rfind(kConsentTopic, 0) != 0) return false;
  granted = message.payload.find("true") != std::string::npos;
  const std::size_t at = message.payload.find("\"counter\":");
  counter =
      at == std::string::npos ? 0 : std::strtoull(message.payload.c_str() + at + 10, nullptr, 10);
  return true;
}

std::string purpose_in(const std::string& topic) {
  const std::size_t begin = std::string("sudare/1/").size();
  return topic.substr(begin, topic.rfind('/') - begin);
}

}  // namespace

Result<std::unique_ptr<Unit>> Unit::start(Surroundings& around) {
  std::unique_ptr<Unit> unit(new Unit(around));
  TRY(unit->open());
  return unit;
}

Status Unit::open() {
  TRY(store_, Store::open(around_.store, around_.clock));
  TRY(const auto provisioned, store_->states("epochs"));
  if (provisioned.empty()) {
    CommitGroup group;
    TRY(Epochs::provision(kStartDay, group.state));
    TRY(store_->commit(group));
    around_.store.create = false;
  }
  TRY(time_, TrustedTime::load(*store_, around_.clock, kStartDay));
  TRY(pipeline_, Pipeline::create(plan().policy(around_.policy), *store_, *time_, around_.clock,
                                  kConsentTopic, "vehicle/network"));
  TRY(pipeline_->use_receipts({{kProducerName, {"#"}}}, "vehicle/receipt"));
  TRY(auto reader, OutboxReader::open(around_.store.directory, store_->session(), around_.clock,
                                      store_->journaled(), around_.disk));
  outgoing_ = std::make_unique<Outgoing>(std::move(reader), kOutstandingMax, around_.clock);
  for (const auto& policy : plan().policies) {
    for (const PurposePlan& one : policy->purposes) {
      ranks_[one.name] = one.essential ? kEssentialRank : one.priority;
    }
  }
  around_.car.reconnect();
  around_.cloud.disconnect();
  return Done{};
}

// --- the collector's loop

void Unit::turn() {
  take_handoff();
  read();
  const std::int64_t now = around_.clock.monotonic_ms();
  const bool due = pipeline_->commit_at_once() || pace_.due_in_ms(now) == 0 ||
                   pipeline_->next_commit_in_ms() == 0;
  if (due && !pace_.held_back(now)) static_cast<void>(commit(false));
}

void Unit::read() {
  if (pace_.room_messages() == 0 || pace_.room_bytes() == 0) return;
  pipeline_->begin_round();
  std::size_t messages = 0;
  std::size_t bytes = 0;
  while (messages < pace_.room_messages() && bytes < pace_.room_bytes()) {
    const CarMessage* const message = around_.car.next();
    if (message == nullptr) break;
    ++messages;
    bytes += message->payload.size();
    take(*message);
  }
  pace_.took(messages, bytes, around_.clock.monotonic_ms());
  if (around_.acknowledges_first) acknowledge();
}

void Unit::take(const CarMessage& from) {
  Message message;
  message.topic.set(from.topic);
  message.payload.set(from.payload);
  message.sequence.set(from.sequence);
  message.received_ms = around_.clock.wall_ms();
  message.retained = from.retained;
  bool granted = false;
  std::uint64_t counter = 0;
  if (word_in(from, granted, counter)) {
    around_.ledger.word_taken(from.topic.substr(from.topic.rfind('/') + 1), granted, counter);
  } else {
    std::vector<std::string> purposes;
    const Policy& policy = *pipeline_->policy().policy;
    for (const SourcePlan& source : policy.sources) {
      if (source.topic_filter != from.topic) continue;
      for (const ReleasePlan& one : source.releases) {
        purposes.push_back(policy.purposes[one.purpose].name);
      }
    }
    around_.ledger.taken(from, purposes, pipeline_->restriction() == Reason::kNone);
  }
  pipeline_->take(message, false);
}

bool Unit::commit(bool close_all) {
  const FakeFile* const wal = around_.disk.file(around_.store.directory + "/outbox.db-wal");
  wal_before_ = wal == nullptr ? 0 : wal->now.size();
  if (!pipeline_->commit(close_all)) {
    around_.ledger.commit_failed();
    pace_.failed(around_.clock.monotonic_ms());
    return false;
  }
  committed();
  return true;
}

void Unit::committed() {
  if (!around_.acknowledges_first) acknowledge();
  pace_.committed();
  outgoing_->deleted(handed_over_);
  handed_over_.clear();
  outgoing_->look();
  check_books();
}

// The connection may break before the broker has all acknowledgements.
void Unit::acknowledge() {
  around_.ledger.committed();
  CarBroker& car = around_.car;
  const bool breaks = around_.dice.once_in(40);
  const std::size_t all = car.delivered();
  car.acknowledge(breaks ? around_.dice.below(all + 1) : all);
  if (!breaks) return;
  for (std::size_t i = 0; i < car.delivered(); ++i) {
    around_.ledger.will_come_again(car.delivered(i));
  }
  car.reconnect();
}

void Unit::check_books() {
  const Account account = store_->account();
  const StoreStatus status = store_->status();
  if (!account.adds_up()) around_.ledger.find("the account does not add up");
  if (account.total().by_fate[static_cast<std::size_t>(Fate::kQueued)] !=
      static_cast<std::int64_t>(status.records)) {
    around_.ledger.find("the account's queue is not the outbox's");
  }
  // The log may exceed its share by what one commit wrote.
  const FakeFile* const wal = around_.disk.file(around_.store.directory + "/outbox.db-wal");
  const std::uint64_t wal_bytes = wal == nullptr ? 0 : wal->now.size();
  const std::uint64_t fresh = wal_bytes > wal_before_ ? wal_bytes - wal_before_ : wal_bytes;
  if (status.file_bytes > around_.store.quota_bytes + fresh) {
    around_.ledger.find("the files take " + std::to_string(status.file_bytes) +
                        " bytes of a quota of " + std::to_string(around_.store.quota_bytes));
  }
  if (around_.disk.watched_found() > 0) around_.ledger.find("plaintext was written to the disk");
}

void Unit::take_handoff() {
  const UploadHandoff handoff = outgoing_->take_fresh();
  pipeline_->delivered(handoff.delivered);
  pipeline_->damaged(handoff.damaged);
  pipeline_->published(handoff.published);
  if (!handoff.damaged.empty()) around_.ledger.find("a row is damaged");
  handed_over_.insert(handed_over_.end(), handoff.delivered.begin(), handoff.delivered.end());
  if (!handed_over_.empty()) pace_.settle(around_.clock.monotonic_ms());
}

// On an error the policy in force stays, also in the file.
void Unit::use_policy() {
  const std::size_t next = (around_.policy + 1) % plan().policies.size();
  if (!pipeline_->use_policy(plan().policy(next))) {
    around_.ledger.commit_failed();
    return;
  }
  around_.policy = next;
  committed();
}

bool Unit::shut_down() {
  take_handoff();
  const bool done = commit(true);
  around_.cloud.disconnect();
  return done;
}

// --- the uploader

void Unit::upload() {
  if (!around_.cloud.connected()) {
    outgoing_->lost();
    around_.cloud.connect();
  }
  const std::uint64_t urgent = around_.ledger.essential_waiting();
  last_rank_ = kEssentialRank;
  outgoing_->allow(pipeline_->allowances());
  outgoing_->fill(*this);
  const bool usual_went = last_rank_ < kEssentialRank;
  if (urgent > 0 && usual_went && around_.ledger.essential_waiting() > 0) {
    around_.ledger.find("an essential row waits while others are sent");
  }
  for (const CloudBroker::Answer& one : around_.cloud.answers()) {
    outgoing_->answered(one.mid, one.reason);
  }
  if (!around_.cloud.connected()) outgoing_->lost();
}

std::vector<std::string> Unit::withheld() const { return pipeline_->withheld(); }

Result<int> Unit::publish(const std::string& topic, const std::string& bytes) {
  const int rank = ranks_[purpose_in(topic)];
  last_rank_ = std::min(last_rank_, rank);
  if (rank == kEssentialRank) around_.ledger.offered(bytes);
  return around_.cloud.publish(topic, bytes);
}

bool Unit::flush() {
  if (around_.cloud.connected()) return true;
  outgoing_->lost();
  return false;
}

}  // namespace sudare::faults
