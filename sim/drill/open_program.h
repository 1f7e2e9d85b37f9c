// The recipient of a drill: the real `sudare open` over what a cloud received.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compare/opened.h"
#include "sim/drill/cloud.h"
#include "sim/drill/setting.h"

namespace sudare::sim::drill {

struct OpenedByProgram {
  int status = 0;  // its exit status
  std::uint64_t batches = 0;
  std::uint64_t forks = 0;
  std::uint64_t gaps = 0;  // records
  std::uint64_t failed = 0;
  std::vector<OpenedRecord> records;
};

// `name`: of the directory that it works in, below the setting's; a new one. `more`: options.
[[nodiscard]] Parsed<OpenedByProgram> open_with_program(const Setting& setting,
                                                        const std::string& name,
                                                        const std::string& purpose,
                                                        const Bucket& bucket,
                                                        const std::vector<std::string>& more);

// Objects of a purpose, by their topic.
[[nodiscard]] Bucket of_purpose(const Bucket& bucket, const std::string& purpose);

}  // namespace sudare::sim::drill
