// Writes what a walk kept as a Protobuf message of the schema it came in. Written by hand from the
// items: no descriptors, no DynamicMessage.
#pragma once

#include <string>

#include "gateway/stages.h"

namespace sudare {

// Appends the message. Fields stand in the order of the items, so list order is kept; packed lists
// are packed; every value that is there is written, zeros too, so presence is kept. `kept` holds
// only items of a Protobuf source, each open object closed. Pure; any thread.
void write_protobuf(const SourcePlan& source, const RecordBody& kept, std::string& out);

}  // namespace sudare
