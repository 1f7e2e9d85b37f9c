// A SourcePlan without a policy: from a topic and the paths that are wanted.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "gateway/policy/policy.h"

namespace sudare::testkit {

// `topic` as in a policy ("tesla/{vin}/v/Location"). Paths as in a policy, "*" for a map's values.
// Units, classes and presence come from the message's declaration. No releases, time_node or
// ignition_node: set them with node_of(). Aborts where a path does not exist.
SourcePlan protobuf_source(const std::string& topic, const google::protobuf::Descriptor& message,
                           const std::vector<std::string>& paths);
SourcePlan json_source(const std::string& topic, const std::vector<std::string>& paths);

// The node of a path that the plan names.
NodeIndex node_of(const SourcePlan& plan, const std::string& path);

}  // namespace sudare::testkit
