// The Protobuf half of sample_fields.h.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "fleet/explain/sample_fields.h"

namespace sudare {

std::optional<std::vector<SampleField>> protobuf_fields(
    const SourcePlan& source, const google::protobuf::DescriptorPool& pool,
    std::string_view payload);

}  // namespace sudare
