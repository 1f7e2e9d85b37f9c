// The NDJSON of `sudare open` (docs/design.md, section 3): one line per record.
#pragma once

#include <functional>
#include <string>

#include "fleet/open/open_batch.h"

namespace sudare {

// Appends a line per record:
// {"purpose","pseudonym","topic","time_ms","payload"|"payload_base64","batch_id","record",
//  "verified"}.
// A JSON payload is the value itself, a Protobuf payload is base64. `pseudonym` is null without
// one; `record` is then the index in the batch.
void append_record_lines(const VerifiedBatch& batch, std::string& out);

// The same of the records for which `keep` is true; their numbers stay. Returns how many there were
// of the others.
using KeepRecord = std::function<bool(const v1::Record&)>;
std::uint64_t append_record_lines(const VerifiedBatch& batch, const KeepRecord& keep,
                                  std::string& out);

}  // namespace sudare
