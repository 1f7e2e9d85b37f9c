// The topic under which a release leaves: its levels are minimised like fields.
#pragma once

#include <string>
#include <vector>

#include "crypto/secret_bytes.h"
#include "gateway/stages.h"

namespace sudare {

// Appends the levels of `body`, joined by "/". A captured level is kept, pseudonymised or
// generalised as its rule says; "_" stands where it is dropped, where it can't be minimised, where
// `key` is null and a pseudonym is asked for, and where a kept one holds what detect_in finds and
// the rule doesn't tolerate. Any thread.
void write_topic(const SourcePlan& source, const ReleasePlan& plan, const RecordBody& body,
                 const SecretBytes<32>* key, std::string& out);

}  // namespace sudare
