// From the text of a policy file to a compiled Policy, with every refusal as a Diagnostic that
// names file, line and column.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "gateway/policy/policy.h"

namespace google::protobuf {
class DescriptorPool;
}  // namespace google::protobuf

namespace sudare {

// The message types that a policy may name: those of proto/sudare/vehicle/v1, and a
// fleet's own. Descriptors live as long as the SchemaSet. Not thread-safe while files are
// added.
class SchemaSet {
 public:
  SchemaSet();
  ~SchemaSet();
  SchemaSet(const SchemaSet&) = delete;
  SchemaSet& operator=(const SchemaSet&) = delete;

  // Adds a binary FileDescriptorSet (protoc --include_imports --descriptor_set_out). Diagnostics
  // say what was wrong.
  [[nodiscard]] Diagnostics add_descriptor_set_file(const std::string& path);
  [[nodiscard]] Diagnostics add_descriptor_set(const std::string& name, std::string_view bytes);

  [[nodiscard]] const google::protobuf::DescriptorPool& pool() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A parsed and checked ceiling.
struct CeilingPlan {
  v1::CeilingPolicy policy;
};

struct PolicyLoad {
  std::unique_ptr<const Policy> policy;  // empty where there is an error
  Diagnostics diagnostics;               // errors and warnings, in the order of the file
};

// Parses, resolves, checks (check.h) and bounds by `ceiling` (may be null), which may also ask for
// signatures (signed_policy.h). `schemas` must outlive nothing: the Policy keeps no pointer into
// it. Pure; any thread.
[[nodiscard]] PolicyLoad load_policy(const std::string& file, std::string_view text,
                                     const SchemaSet& schemas, const CeilingPlan* ceiling);

// Whether the text is signed by as many of the ceiling's signers as it asks for; false where it
// asks for none. Pure; any thread.
[[nodiscard]] bool is_signed(std::string_view text, const CeilingPlan& ceiling);

struct CeilingLoad {
  std::unique_ptr<const CeilingPlan> ceiling;
  Diagnostics diagnostics;
};
[[nodiscard]] CeilingLoad load_ceiling(const std::string& file, std::string_view text);

// Reads the file (at most kOperatorFileBytesMax) and loads it.
[[nodiscard]] PolicyLoad load_policy_file(const std::string& path, const SchemaSet& schemas,
                                          const CeilingPlan* ceiling);
[[nodiscard]] CeilingLoad load_ceiling_file(const std::string& path);

// Whether a policy holds on a day: an error where it has expired, a warning where it has not begun.
// load_policy has no clock; `sudare policy check` asks this as well. Nothing for a text that does
// not parse. Pure; any thread.
[[nodiscard]] Diagnostics check_expiry(const std::string& file, std::string_view text,
                                       std::int64_t unix_day);

// The text of a policy or ceiling with each "${NAME_RECIPIENT}" replaced by the public key that
// `by_purpose` has for it: "driving-diagnosis" fills "${DRIVING_DIAGNOSIS_RECIPIENT}". What it has
// no key for stays, and load_policy refuses it. A value that is not just lower-case letters and
// digits is not put in. Pure; any thread.
[[nodiscard]] std::string fill_recipients(std::string_view text,
                                          const std::map<std::string, std::string>& by_purpose);

}  // namespace sudare
