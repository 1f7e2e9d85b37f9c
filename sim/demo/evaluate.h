// What came of a demonstration, from the files that it left in its directory.
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/policy/policy.h"
#include "sim/demo/demo.h"
#include "sim/demo/workplace.h"
#include "sim/error.h"
#include "sim/truth.h"

namespace sudare::sim {

struct Evidence {
  Truth truth;
  std::unique_ptr<const Policy> policy;
  std::uint64_t subscribed = 0;  // messages of the truth that the gateway subscribes to
};

// Once the car has stopped.
[[nodiscard]] Parsed<Evidence> read_evidence(const Workplace& place);

// Once everything has ended: the comparison, the scans, the example.
[[nodiscard]] Parsed<Done> evaluate(const Workplace& place, const Evidence& evidence,
                                    DemoResult& result);

}  // namespace sudare::sim
