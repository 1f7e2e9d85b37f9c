// What the policy should have let out of a run, against what the recipients opened.
//
// The expectation is computed by the pipeline's own decode, detect and minimize (fleet/preview), in
// the order in which the car sent: rate limits and on-move depend on order and event time only, so
// it is exact. A gateway that was restarted in between begins these afresh and may release a record
// more or less; records held back by a bucket that is still open are lost as far as this can see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gateway/policy/policy.h"
#include "sim/compare/expected.h"
#include "sim/compare/opened.h"
#include "sim/truth.h"

namespace sudare::sim {

struct PurposeComparison {
  std::uint64_t expected = 0;
  std::uint64_t opened = 0;
  std::uint64_t verified = 0;     // as member or self
  std::uint64_t lost = 0;         // expected, not opened
  std::uint64_t duplicated = 0;   // opened more often than expected
  std::uint64_t altered = 0;      // opened, never expected in this form
  std::uint64_t identifiers = 0;  // different planted ones in opened output, beyond the policy
  std::uint64_t positions = 0;    // different exact ones where the policy names a cell
};

struct Comparison {
  std::map<std::string, PurposeComparison> purposes;
  std::uint64_t unacknowledged = 0;  // messages the broker never took: not expected

  [[nodiscard]] bool clean() const;
};

// Which messages were taken: of the truth, those acknowledged. Consent follows the truth's own
// messages on <consent topic>/<purpose>.
[[nodiscard]] Comparison compare(const Truth& truth, const std::vector<OpenedRecord>& opened,
                                 const Policy& policy, const std::string& consent_topic);
// The same with an expectation that the caller has.
[[nodiscard]] Comparison compare(const Truth& truth, const std::vector<ExpectedRecord>& expected,
                                 const std::vector<OpenedRecord>& opened, const Policy& policy);

// An expected record and the opened one that it became, by their indices.
struct Match {
  std::size_t expected = 0;
  std::size_t opened = 0;
};
// Each record at most once; those of the same content in the order in which they were sent and
// opened.
[[nodiscard]] std::vector<Match> match_records(const std::vector<ExpectedRecord>& expected,
                                               const std::vector<OpenedRecord>& opened,
                                               const Policy& policy);

}  // namespace sudare::sim
