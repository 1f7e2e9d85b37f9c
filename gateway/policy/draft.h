// A policy on the way from its text to a Policy: the compiled plan, and beside it what only the
// checks need: where each element was written. Part of the policy reader.
#pragma once

#include <string>
#include <vector>

#include "gateway/policy/policy.h"
#include "gateway/policy/recipient_certificate.h"

namespace sudare {

// The keys that a "*" of a JSON path names: released with the values.
struct ObjectKeys {
  std::string path;  // up to the "*"
  v1::PersonalClass personal = v1::UNCLASSED;
  bool of_value = false;  // the "*" ends the path: its class is the value's
};

struct FieldDraft {
  NodeIndex node = kNoNode;     // kNoNode: could not be resolved; the reason was reported
  std::vector<NodeIndex> keys;  // of the Protobuf maps on the way: released with the values
  std::vector<ObjectKeys> json_keys;
  std::string where;  // "source[0].release[1].field[2]"
  const v1::Field* field = nullptr;
};

struct ReleaseDraft {
  std::string where;
  const v1::Release* release = nullptr;
  const v1::Purpose* purpose = nullptr;  // null: no such purpose; it was reported
  std::vector<FieldDraft> fields;
};

struct SourceDraft {
  std::string where;
  const v1::Source* source = nullptr;
  SourcePlan plan;  // without releases until every check has passed
  std::vector<ReleaseDraft> releases;
  std::vector<NodeIndex> identity_nodes;  // by identity_field
};

// A key that can open a purpose, on some day at least.
struct NamedRecipient {
  std::string key;    // "age1..."
  std::string where;  // the element that names it
};

struct PurposeDraft {
  std::vector<NamedRecipient> recipients;          // as written, then by certificates
  std::vector<RecipientCertificate> certificates;  // those that are right
};

// Keeps pointers into `policy`, which must outlive it.
struct PolicyDraft {
  const v1::Policy* policy = nullptr;
  std::vector<PurposeDraft> purposes;  // as many as the policy has
  std::vector<SourceDraft> sources;
};

}  // namespace sudare
