// Whether a purpose may be served: the driver's word, per purpose, from a retained local topic with
// a rising counter. Withdrawal wins ties; a replayed "granted" is ignored; persisted with the
// commit that first honours it. The message is JSON: {"granted": true, "counter": 7}. Topic:
// <consent topic>/<purpose>.
//
// Who may publish there is the local broker's access control's business: any client that may is
// believed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// Words for purposes that the policy in force does not name are kept too, since the next policy may
// name them: the broker will not repeat a word that was acknowledged. Beyond this many they are
// refused: whoever may publish to the consent topic must not fill the store with invented names.
inline constexpr std::size_t kUnnamedWordsMax = 256;

// On the collector's thread. Keeps a reference to the policy.
class Consent {
 public:
  // Reads the words that were given. kMalformed: damaged. `topic_prefix` without "/" at its end.
  static Result<std::unique_ptr<Consent>> load(const Store& store, const Policy& policy,
                                               std::string topic_prefix);
  ~Consent();
  Consent(const Consent&) = delete;
  Consent& operator=(const Consent&) = delete;

  [[nodiscard]] std::string topic_filter() const;  // "vehicle/consent/+"
  [[nodiscard]] bool is_consent(const Message& message) const;

  struct Change {
    bool changed = false;  // allowed(purpose) is not what it was; without one: a new word
    std::optional<PurposeIndex> purpose;  // nothing: the policy does not name it
    std::string name;                     // the purpose's, in either case
    bool granted = false;                 // allowed(purpose) now; without one: what the word says
  };
  // Holds at once; what must be persisted is appended to `out` (nothing where the same word came
  // again, as retained messages do). If the commit then fails, the caller commits the same entries
  // again. kMalformed, kNotFound (no purpose can have this name), kFull (kUnnamedWordsMax),
  // kRefused (older counter, or a grant with the counter of a withdrawal): nothing changed.
  [[nodiscard]] Result<Change> apply(const Message& message, std::vector<StateEntry>& out);

  // OPT_IN: only after a grant. OPT_OUT: until a withdrawal. LEGAL_OBLIGATION: always. Anything
  // else: never.
  [[nodiscard]] bool allowed(PurposeIndex purpose) const;
  // Names of purposes whose last word is a withdrawal, unless the policy says that no word ends
  // them. Sorted.
  [[nodiscard]] std::vector<std::string> withdrawn() const;

  // For a new owner: turns a former owner's stored words (Store::states("consent")) into the counts
  // that they had reached. Nothing is granted or withdrawn then. A grant needs a greater counter,
  // so that a word that the local broker has retained does not speak for the new owner; a
  // withdrawal holds with any. kMalformed: damaged.
  static Status forget_words(std::vector<StateEntry>& words);

  // Words stay with the purposes' names.
  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Consent(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
