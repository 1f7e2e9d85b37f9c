// Takes records that erasure orders name out of what `sudare open -o DIR` has written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "fleet/authority/erasure_order.h"
#include "fleet/open/record_output.h"

namespace sudare {

struct ErasedOutput {
  std::uint64_t kept = 0;  // lines
  std::uint64_t erased = 0;
  std::uint64_t unreadable = 0;  // lines that are no record, among `kept`: look at them
  std::uint64_t clips = 0;       // files and folders of clips that went, whole or not
};

// Removes the clips that the orders name (clip_output.h) and rewrites DIR/<purpose>.ndjson: after a
// power cut it is the old file or the new one. Nothing is written where nothing is to go.
// `directory` must be held to rewrite. kNotFound: no such file; kIo (errno); kTooLarge: a line that
// `open` can't have written. The freed blocks of the old file are not overwritten; copies elsewhere
// are not touched.
Result<ErasedOutput> erase_output(const std::filesystem::path& path,
                                  const OutputDirectory& directory, const std::string& purpose,
                                  const ErasureOrders& orders);

// Whether a line of `open` is a record that the orders name; kMalformed where it is no record.
Result<bool> is_to_erase(const std::string& line, const ErasureOrders& orders);

}  // namespace sudare
