#include "sim/attack/world/release.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fleet/preview/preview.h"
#include "sim/attack/world/car_messages.h"
#include "sim/attack/world/run_cars.h"
#include "sim/attack/world/seal_model.h"
#include "sim/attack/world/seen_reader.h"

namespace sudare::sim::attack {

namespace {

// The policy with the rules of one purpose: the others' cost time and change nothing, as each rule
// keeps a state of its own.
Policy rules_of(const Policy& policy, PurposeIndex purpose) {
  Policy rules = policy;
  for (SourcePlan& source : rules.sources) {
    std::erase_if(source.releases,
                  [purpose](const ReleasePlan& plan) { return plan.purpose != purpose; });
  }
  return rules;
}

// A record that was released, with what its recipient reads in it.
struct ReadRecord {
  std::size_t first_seen = 0;  // of the car's; up to the next record's
  SeenKind kind = SeenKind::kPosition;
};

// One car's gateway, from its messages to what the recipient has.
class CarRelease {
 public:
  CarRelease(const Policy& rules, PurposeIndex purpose, const WantedTopics& wanted, Random random)
      : purpose_(purpose),
        wanted_(wanted),
        random_(random),
        preview_(rules, keys_),
        reader_(rules, purpose),
        messages_(wanted, random_.fork()),
        seal_(rules.purposes[purpose], random_.fork()),
        shuffled_(rules.purposes[purpose].pseudonym == PseudonymKind::kNone) {}

  void run(const std::vector<Outing>& outings) {
    const MessageSink sink = [this](const char* topic, std::string payload, std::int64_t time_ms,
                                    bool driven) {
      take(topic, std::move(payload), time_ms, driven);
    };
    for (const Outing& outing : outings) messages_.send(outing, sink);
    seal_.close_all(last_ms_);
  }

  // Sets arrival times; where there is no pseudonym, mixes the records of a batch as seal does.
  void deliver();
  [[nodiscard]] std::vector<Seen> all_of(SeenKind kind) const;
  [[nodiscard]] std::vector<Track> tracks(std::size_t car, bool one) const;
  [[nodiscard]] std::vector<CipherEvent> ciphertexts() const;
  [[nodiscard]] const ReleaseCounts& counts() const { return counts_; }

 private:
  void take(const char* topic, std::string payload, std::int64_t time_ms, bool driven) {
    last_ms_ = std::max(last_ms_, time_ms);
    seal_.advance(last_ms_, driven);
    if (has_rule(wanted_, topic)) ++counts_.messages;
    // Also rows of earlier messages, which were held back until now.
    for (const PreviewRow& row : preview_.run(topic, std::move(payload), time_ms)) {
      if (!row.has_purpose || row.purpose != purpose_) continue;
      if (row.fate == Fate::kRejected) ++counts_.rejected;
      if (row.fate == Fate::kQueued) released(row.content);
    }
  }

  void released(const Release::Content& content) {
    ++counts_.released;
    ReadRecord record{seen_.size(), SeenKind::kStatus};
    if (!reader_.read(content, seen_, record.kind)) ++counts_.unreadable;
    records_.push_back(record);
    seal_.add(content, last_ms_);
  }

  [[nodiscard]] std::size_t seen_end(std::size_t record) const {
    return record + 1 < records_.size() ? records_[record + 1].first_seen : seen_.size();
  }

  PurposeIndex purpose_;
  WantedTopics wanted_;
  Random random_;
  NoFieldKeys keys_;
  Preview preview_;
  SeenReader reader_;
  CarMessages messages_;
  SealModel seal_;
  bool shuffled_;
  std::int64_t last_ms_ = 0;
  ReleaseCounts counts_;
  std::vector<Seen> seen_;
  std::vector<ReadRecord> records_;
  std::vector<std::size_t> delivered_;  // records in the order of their arrival
};

void CarRelease::deliver() {
  delivered_.resize(records_.size());
  for (std::size_t i = 0; i < delivered_.size(); ++i) delivered_[i] = i;
  for (const SentBatch& batch : seal_.sent()) {
    for (std::size_t i = batch.first; i < batch.first + batch.count; ++i) {
      for (std::size_t j = records_[i].first_seen; j < seen_end(i); ++j) {
        seen_[j].arrival_ms = batch.arrival_ms;
      }
    }
    if (!shuffled_) continue;
    for (std::size_t i = batch.count; i > 1; --i) {
      std::swap(delivered_[batch.first + i - 1], delivered_[batch.first + random_.below(i)]);
    }
  }
}

std::vector<Seen> CarRelease::all_of(SeenKind kind) const {
  std::vector<Seen> some;
  for (const std::size_t i : delivered_) {
    if (records_[i].kind != kind) continue;
    for (std::size_t j = records_[i].first_seen; j < seen_end(i); ++j) some.push_back(seen_[j]);
  }
  sort_by_time(some);
  return some;
}

std::vector<Track> CarRelease::tracks(std::size_t car, bool one) const {
  std::vector<Track> tracks;
  for (const SentBatch& batch : seal_.sent()) {
    if (batch.count == 0) continue;
    if (tracks.empty() || (!one && tracks.back().epoch != batch.epoch)) {
      tracks.push_back({car, batch.epoch, {}});
    }
    for (std::size_t i = batch.first; i < batch.first + batch.count; ++i) {
      const std::size_t record = delivered_[i];
      const std::size_t end = seen_end(record);
      for (std::size_t j = records_[record].first_seen; j < end; ++j) {
        tracks.back().seen.push_back(seen_[j]);
      }
    }
  }
  for (Track& track : tracks) sort_by_time(track.seen);
  return tracks;
}

std::vector<CipherEvent> CarRelease::ciphertexts() const {
  std::vector<CipherEvent> events;
  for (const SentBatch& batch : seal_.sent()) events.push_back({batch.arrival_ms, batch.bytes});
  std::stable_sort(events.begin(), events.end(), [](const CipherEvent& a, const CipherEvent& b) {
    return a.arrival_ms < b.arrival_ms;
  });
  return events;
}

}  // namespace

std::optional<Released> release(const World& world, const Policy& policy, PurposeIndex purpose,
                                const ReleaseOptions& options) {
  const Policy rules = rules_of(policy, purpose);
  const WantedTopics wanted = wanted_topics(rules, purpose);
  return run_cars(world, options, [&](std::size_t car) {
    CarResult result;
    const auto outings = outings_of(world, car);
    if (!outings) return result;
    CarRelease gateway(rules, purpose, wanted, random_of_car(options.seed, car));
    gateway.run(*outings);
    gateway.deliver();
    result.truth = truth_of(world, car, *outings);
    result.counts = gateway.counts();
    result.ciphertexts = gateway.ciphertexts();
    if (options.keep_tracks) result.tracks = gateway.tracks(car, options.one_track_per_car);
    if (options.observer) {
      const std::vector<Hazard> hazards = hazards_of(*outings);
      const std::vector<Seen> released = gateway.all_of(SeenKind::kPosition);
      const std::vector<Seen> released_hazards = gateway.all_of(SeenKind::kDriving);
      options.observer({car, &*outings, &hazards, &released, &released_hazards});
    }
    return result;
  });
}

}  // namespace sudare::sim::attack
