// Resolves the paths that a source names into its tree of FieldNodes: Protobuf paths against the
// message's descriptor, JSON paths as they are written. Part of the policy reader.
#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <vector>

#include "gateway/policy/draft.h"
#include "gateway/policy/findings.h"
#include "gateway/policy/policy.h"

namespace sudare {

class FieldTree {
 public:
  // `message`: null for JSON. Keeps references to all of them.
  FieldTree(const google::protobuf::Descriptor* message, const v1::Source& source,
            const std::string& where, Findings& findings);

  struct Leaf {
    NodeIndex node = kNoNode;
    std::vector<NodeIndex> keys;        // of the Protobuf maps on the way
    std::vector<ObjectKeys> json_keys;  // of the JSON objects on the way
  };
  // Adds the path as a leaf whose value is wanted, with its class and unit. Without a node where it
  // can't be; the reason is then reported at `where`.
  Leaf add(const std::string& path, const std::string& where);

  // Whether the node lies in a list or map, or is one.
  [[nodiscard]] bool repeats(NodeIndex node) const;
  // The path of a node as a policy would name it.
  [[nodiscard]] std::string path_of(NodeIndex node) const;

  // Numbers the groups, sorts the children, hands the nodes over.
  [[nodiscard]] std::vector<FieldNode> finish();

 private:
  struct Step {
    std::string name;
    const google::protobuf::FieldDescriptor* field = nullptr;  // null in JSON
  };
  struct Origin {
    NodeIndex parent = kNoNode;
    std::string group;
    bool grouped_by_policy = false;
  };

  void read_classes();
  bool walk(const std::string& path, const std::string& where, std::vector<Step>& steps);
  bool walk_message(const std::vector<std::string>& names, const std::string& where,
                    std::vector<Step>& steps);
  bool refuse_unfinished(const google::protobuf::FieldDescriptor& last, const std::string& path,
                         const std::string& where);
  NodeIndex child(NodeIndex parent, const Step& step, const std::string& where);
  void fill(FieldNode& node, Origin& origin, const Step& step) const;
  void classify(NodeIndex node, const std::string& path);
  [[nodiscard]] std::vector<ObjectKeys> json_keys(NodeIndex leaf, const std::string& path) const;
  [[nodiscard]] bool hidden_by_any_key(NodeIndex parent, const std::string& name) const;

  const google::protobuf::Descriptor* message_;
  const v1::Source& source_;
  std::string where_;
  Findings& findings_;
  std::map<std::string, int> classes_;  // path → index of its classify
  std::vector<FieldNode> nodes_;
  std::vector<Origin> origins_;  // beside nodes_
};

}  // namespace sudare
