// Resolves a source of a policy: its topic, its message type, and every path that it names. Part of
// the policy reader.
#pragma once

#include <google/protobuf/descriptor.h>

#include "gateway/policy/draft.h"
#include "gateway/policy/findings.h"

namespace sudare {

// `index`: of the source in `policy`. Reports what can't be resolved; the rest is in the draft.
[[nodiscard]] SourceDraft resolve_source(const v1::Policy& policy, int index,
                                         const google::protobuf::DescriptorPool& pool,
                                         Findings& findings);

}  // namespace sudare
