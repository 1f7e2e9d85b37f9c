#include "gateway/consent/consent.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "gateway/consent/consent_message.h"
#include "gateway/consent/reveal.h"
#include "gateway/detect/detector.h"
#include "gateway/policy/check.h"

namespace sudare {
namespace {

constexpr Literal kModule = "consent";

// A word's value in the store: "+7" granted, "-7" withdrawn, with the counter in digits; "=7": the
// former owner's word, that only its counter is left of. Its key is the purpose's name.
constexpr char kFormerOwner = '=';

std::string encode_word(const ConsentWord& word) {
  return (word.granted ? '+' : '-') + std::to_string(word.counter);
}

std::optional<ConsentWord> decode_word(std::string_view value) {
  if (value.size() < 2 || std::string_view("+-=").find(value[0]) == std::string_view::npos) {
    return std::nullopt;
  }
  ConsentWord word;
  word.granted = value[0] == '+';
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data() + 1, end, word.counter);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return word;
}

using Counters = std::map<std::string, std::uint64_t, std::less<>>;

// Where a former owner spoke of the purpose: only a later word grants, and the counter does not
// fall behind, so that his grant, retained by the broker, does not follow a withdrawal.
Status heed_former_owner(const Counters& former, std::string_view purpose, ConsentWord& word) {
  const auto counter = former.find(purpose);
  if (counter == former.end()) return Done{};
  if (word.granted && word.counter <= counter->second) {
    return fail(ErrorCode::kRefused, "consent: a former owner's word");
  }
  word.counter = std::max(word.counter, counter->second);
  return Done{};
}

}  // namespace

struct Consent::State {
  State(const Policy& first_policy, std::string topic_prefix)
      : policy(&first_policy), prefix(std::move(topic_prefix) + '/') {}

  // The level after the prefix; nothing where the topic is another.
  [[nodiscard]] std::optional<std::string_view> purpose_of(const Message& message) const {
    std::string_view topic = message.topic.reveal(ConsentStage::key());
    if (topic.substr(0, prefix.size()) != prefix) return std::nullopt;
    topic.remove_prefix(prefix.size());
    if (topic.find('/') != std::string_view::npos) return std::nullopt;
    return topic;
  }

  [[nodiscard]] std::optional<PurposeIndex> index_of(std::string_view name) const {
    for (std::size_t i = 0; i < policy->purposes.size(); ++i) {
      if (policy->purposes[i].name == name) return static_cast<PurposeIndex>(i);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t unnamed_words() const {
    return static_cast<std::size_t>(std::count_if(
        words.begin(), words.end(), [this](const auto& word) { return !index_of(word.first); }));
  }

  const Policy* policy;
  std::string prefix;  // with "/"
  std::map<std::string, ConsentWord, std::less<>> words;
  Counters former;  // counters of a former owner's words
};

Consent::Consent(std::unique_ptr<State> state) : state_(std::move(state)) {}
Consent::~Consent() = default;

Result<std::unique_ptr<Consent>> Consent::load(const Store& store, const Policy& policy,
                                               std::string topic_prefix) {
  TRY(const std::vector<StateEntry> entries, store.states(kModule));
  auto state = std::make_unique<State>(policy, std::move(topic_prefix));
  for (const StateEntry& entry : entries) {
    const auto word = decode_word(entry.value);
    if (!word) return fail(ErrorCode::kMalformed, "consent: a stored word is damaged");
    if (entry.value[0] == kFormerOwner) {
      state->former[entry.key] = word->counter;
    } else {
      state->words[entry.key] = *word;
    }
  }
  return std::unique_ptr<Consent>(new Consent(std::move(state)));
}

std::string Consent::topic_filter() const { return state_->prefix + '+'; }

bool Consent::is_consent(const Message& message) const {
  return state_->purpose_of(message).has_value();
}

Result<Consent::Change> Consent::apply(const Message& message, std::vector<StateEntry>& out) {
  const auto level = state_->purpose_of(message);
  if (!level || !is_purpose_name(std::string(*level))) {
    return fail(ErrorCode::kNotFound, "consent: not a purpose's name");
  }
  Change change;
  change.name = *level;
  change.purpose = state_->index_of(change.name);
  // What no policy names is kept on disk: an identifier that somebody put there must not be.
  if (!change.purpose && detect_in(change.name) != 0) {
    return fail(ErrorCode::kNotFound, "consent: not a purpose's name");
  }
  TRY(ConsentWord word, parse_consent(message.payload.reveal(ConsentStage::key())));
  TRY(heed_former_owner(state_->former, change.name, word));

  const auto granted = [&] { return change.purpose ? allowed(*change.purpose) : word.granted; };
  const bool allowed_before = change.purpose && allowed(*change.purpose);
  auto last = state_->words.find(change.name);
  if (last != state_->words.end()) {
    change.granted = change.purpose ? allowed_before : last->second.granted;
    if (word == last->second) return change;  // retained: it comes with every connection
    const bool ties = word.counter == last->second.counter;
    if (word.counter < last->second.counter || (ties && word.granted)) {
      return fail(ErrorCode::kRefused, "consent: older than the last word");
    }
    last->second = word;
  } else {
    if (!change.purpose && state_->unnamed_words() >= kUnnamedWordsMax) {
      return fail(ErrorCode::kFull, "consent: too many purposes without a policy");
    }
    state_->words.emplace(change.name, word);
  }
  change.granted = granted();
  change.changed = !change.purpose || change.granted != allowed_before;
  out.push_back({kModule, change.name, encode_word(word)});
  return change;
}

bool Consent::allowed(PurposeIndex purpose) const {
  const PurposePlan& plan = state_->policy->purposes[purpose];
  const auto word = state_->words.find(plan.name);
  switch (plan.consent) {
    case v1::Purpose::OPT_IN: return word != state_->words.end() && word->second.granted;
    case v1::Purpose::OPT_OUT: return word == state_->words.end() || word->second.granted;
    case v1::Purpose::LEGAL_OBLIGATION: return true;
    default: return false;
  }
}

std::vector<std::string> Consent::withdrawn() const {
  std::vector<std::string> names;
  for (const auto& [name, word] : state_->words) {
    const auto purpose = state_->index_of(name);
    if (!word.granted && !(purpose && allowed(*purpose))) names.push_back(name);
  }
  return names;
}

Status Consent::forget_words(std::vector<StateEntry>& words) {
  for (StateEntry& entry : words) {
    const auto word = decode_word(entry.value);
    if (!word) return fail(ErrorCode::kMalformed, "consent: a stored word is damaged");
    entry.value = kFormerOwner + std::to_string(word->counter);
  }
  return Done{};
}

void Consent::use_policy(const Policy& policy) { state_->policy = &policy; }

}  // namespace sudare
