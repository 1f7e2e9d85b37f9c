// Whether a purpose may be served: the driver's word, per purpose, from a retained local topic with
// a rising counter. Withdrawal wins ties; a replayed "granted" is ignored; persisted with the
// commit that first honours it. The message is JSON: {"granted": true, "counter": 7}. Topic:
// <consent topic>/<purpose>.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/stages.h"
#include "gateway/store/store.h"

namespace sudare {

// On the collector's thread.
class Consent {
 public:
  static Result<std::unique_ptr<Consent>> load(const Store& store, const Policy& policy,
                                               std::string topic_prefix);
  ~Consent();
  Consent(const Consent&) = delete;
  Consent& operator=(const Consent&) = delete;

  [[nodiscard]] std::string topic_filter() const;  // "vehicle/consent/+"
  [[nodiscard]] bool is_consent(const Message& message) const;

  struct Change {
    bool changed = false;
    PurposeIndex purpose = 0;
    bool granted = false;
  };
  // kMalformed, kNotFound (no such purpose), kRefused (older counter). What must be persisted is
  // appended to `out`.
  [[nodiscard]] Result<Change> apply(const Message& message, std::vector<StateEntry>& out);

  // OPT_IN: only after a grant. OPT_OUT: until a withdrawal. LEGAL_OBLIGATION: always.
  [[nodiscard]] bool allowed(PurposeIndex purpose) const;

  void use_policy(const Policy& policy);

 private:
  struct State;
  explicit Consent(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sudare
