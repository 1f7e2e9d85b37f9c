// Looks for what was planted in what a purpose's recipient opened, with the scanner of `sudare
// audit`. Independent of the expectation: it finds a leak that the pipeline and its preview would
// share.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/audit/audit.h"
#include "gateway/policy/policy.h"
#include "sim/compare/opened.h"
#include "sim/truth.h"

namespace sudare::sim {

// Everything that was planted, as the auditor takes it: distinct.
[[nodiscard]] AuditInputs planted_in(const Truth& truth);

struct Leaks {
  std::uint64_t identifiers = 0;  // different ones that the policy does not let this purpose have
  std::uint64_t positions = 0;    // different exact ones, from topics where the policy names a cell
};

// Records one by one, as they are opened.
class LeakScan {
 public:
  // `inputs`: positions only; identifiers follow from `planted` and the policy.
  LeakScan(const std::vector<Planted>& planted, AuditInputs inputs, const Policy& policy,
           const std::string& purpose);
  void scan(const std::string& topic, const std::string& payload);
  [[nodiscard]] Leaks leaks() const;

 private:
  struct Allowance {
    std::set<sudare::v1::PersonalClass> classes;  // that the purpose may hold as they are
    std::set<std::string> exact_topics;           // on which it may have exact positions
  };
  static Allowance allowance_of(const Policy& policy, const std::string& purpose);

  Allowance allowance_;
  Auditor with_positions_;
  Auditor without_positions_;
};

[[nodiscard]] Leaks leaks_of(const Truth& truth, const std::vector<OpenedRecord>& opened,
                             const Policy& policy, const std::string& purpose);

}  // namespace sudare::sim
