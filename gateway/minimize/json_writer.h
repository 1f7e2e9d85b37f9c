// Writes what a walk kept as a JSON value of the shape it came in, without white space.
#pragma once

#include <string>

#include "gateway/stages.h"

namespace sudare {

// Appends the value; an object where the items don't open the payload's own container themselves.
// Numbers read back as the same number: integers exactly, others as the shortest decimal. Where the
// policy names elements of a list by index, those that were dropped before a kept one become null,
// so that it keeps its place; in other lists they are left out. `kept` holds only items of a JSON
// source, each open container closed, all text valid UTF-8. Pure; any thread.
void write_json(const SourcePlan& source, const RecordBody& kept, std::string& out);

}  // namespace sudare
