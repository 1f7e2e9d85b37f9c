// Where a drill takes place: a directory with keys, a policy and certificates (sim/demo), the
// policy as the programs read it, and every private key, for whoever directs the drill.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/open/identity.h"
#include "gateway/policy/policy.h"
#include "sim/demo/workplace.h"
#include "sim/drill/drill.h"

namespace sudare::sim::drill {

using Identities = std::vector<age::open_side::Identity>;

class Setting {
 public:
  static Parsed<std::unique_ptr<Setting>> make(const DrillOptions& options);

  [[nodiscard]] const DrillOptions& options() const { return options_; }
  [[nodiscard]] const Tools& tools() const { return options_.tools; }
  [[nodiscard]] const Workplace& place() const { return place_; }
  [[nodiscard]] const Policy& policy() const { return *policy_; }
  [[nodiscard]] std::filesystem::path key_file(const std::string& name) const {
    return place_.in("keys") / (name + ".key");
  }
  // Of a purpose, or of "relink".
  [[nodiscard]] const Identities& keys(const std::string& name) const { return keys_.at(name); }
  [[nodiscard]] std::string public_key(const std::string& name) const;
  // Whether the gateway subscribes to it.
  [[nodiscard]] bool subscribes(std::string_view topic) const;
  // What is kept is said in a report.
  [[nodiscard]] std::vector<std::string> left_in() const;

  // The clock's "now", for files and lists of a drill.
  [[nodiscard]] static std::int64_t today();

 private:
  Setting(const DrillOptions& options, Workplace place)
      : options_(options), place_(std::move(place)) {}

  const DrillOptions& options_;
  Workplace place_;
  std::unique_ptr<const Policy> policy_;
  std::map<std::string, Identities> keys_;
};

}  // namespace sudare::sim::drill
