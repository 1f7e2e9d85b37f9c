#include "fleet/preview/preview.h"

#include <utility>

#include "base/limits.h"
#include "fleet/preview/reveal.h"
#include "gateway/decode/decoder.h"
#include "gateway/detect/detector.h"

namespace sudare {
namespace {

Reason reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTooLarge: return Reason::kTooLarge;
    case ErrorCode::kTooDeep: return Reason::kTooDeep;
    default: return Reason::kMalformed;
  }
}

class Trace final : public FieldTrace {
 public:
  Trace(PurposeIndex purpose, std::vector<PreviewFieldFate>& out) : purpose_(purpose), out_(out) {}
  void field(NodeIndex node, FieldFate fate) override { out_.push_back({purpose_, node, fate}); }

 private:
  PurposeIndex purpose_;
  std::vector<PreviewFieldFate>& out_;
};

}  // namespace

struct Preview::State final : ReleaseSink {
  State(const Policy& given_policy, const FieldKeys& keys)
      : policy(given_policy), decoder(given_policy), minimizer(given_policy, keys, nullptr) {}

  void at_once(const Release& release) override { add(release); }
  void cleared(const Release& release) override {
    add(release);
    rows.back().waited = true;
  }
  void discarded(PurposeIndex purpose, Reason reason, std::uint64_t count) override {
    rows.insert(rows.end(), static_cast<std::size_t>(count),
                {true, purpose, Fate::kDropped, reason, "", 0, {}, true});
  }
  void add(const Release& release) {
    rows.push_back({true, release.purpose(), Fate::kQueued, Reason::kNone, "", 0,
                    release.reveal(PreviewStage::key())});
  }

  PreviewRow released(const Record& record, std::size_t index,
                      std::vector<PreviewFieldFate>* fields) {
    const ReleasePlan& plan = policy.sources[record.source].releases[index];
    PreviewRow row{true, plan.purpose, Fate::kQueued, Reason::kNone, "", plan.line, {}};
    std::vector<PreviewFieldFate> ignored;
    Trace trace(plan.purpose, fields != nullptr ? *fields : ignored);
    const Outcome outcome =
        minimizer.minimize(record, index, *this, fields != nullptr ? &trace : nullptr);
    if (outcome.release != nullptr) {
      row.content = outcome.release->reveal(PreviewStage::key());
    } else {
      row.fate = outcome.fate;
      row.reason = outcome.reason;
    }
    return row;
  }

  const Policy& policy;
  Decoder decoder;
  Minimizer minimizer;
  Record record;
  std::vector<PreviewRow> rows;  // of the message at hand
};

Preview::Preview(const Policy& policy, const FieldKeys& keys)
    : state_(std::make_unique<State>(policy, keys)) {}
Preview::~Preview() = default;

std::vector<PreviewRow> Preview::run(std::string topic, std::string payload,
                                     std::int64_t received_ms,
                                     std::vector<PreviewFieldFate>* fields) {
  Message message;
  message.topic.set(std::move(topic));
  message.payload.set(std::move(payload));
  message.received_ms = received_ms;

  std::vector<PreviewRow>& rows = state_->rows;
  rows.clear();
  const Result<SourceIndex> source = state_->decoder.source_of(message);
  if (!source) {
    state_->record.clip_named = false;
    rows.push_back({false, 0, Fate::kRejected, Reason::kUnknownTopic, "", 0, {}});
    return rows;
  }
  const SourcePlan& plan = state_->policy.sources[*source];
  const Status decoded = state_->decoder.decode(message, *source, state_->record);
  if (decoded) detect(state_->policy, state_->record);
  if (decoded && state_->record.ignition_known) {
    state_->minimizer.driving(state_->record.ignition_on, *state_);
  }
  for (std::size_t i = 0; i < plan.releases.size(); ++i) {
    if (decoded) {
      PreviewRow row = state_->released(state_->record, i, fields);
      rows.push_back(std::move(row));
    } else {
      rows.push_back({true,
                      plan.releases[i].purpose,
                      Fate::kRejected,
                      reason_of(decoded.error().code),
                      std::string(decoded.error().what.view()),
                      plan.releases[i].line,
                      {}});
    }
  }
  if (plan.releases.empty()) rows.push_back({false, 0, Fate::kDropped, Reason::kNoRule, "", 0, {}});
  return rows;
}

std::optional<ClipNotice> Preview::clip() const {
  if (!state_->record.clip_named) return std::nullopt;
  return state_->record.clip.reveal(PreviewStage::key());
}

std::vector<PreviewRow> Preview::end() {
  state_->rows.clear();
  for (std::size_t i = 0; i < state_->policy.purposes.size(); ++i) {
    state_->minimizer.give_up(static_cast<PurposeIndex>(i), Reason::kRestart, *state_);
  }
  return state_->rows;
}

}  // namespace sudare
