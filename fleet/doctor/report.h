// What `sudare doctor` found: a line per check that has nothing to say, a line per finding of one
// that has. Text comes from what an operator wrote and from the system; no secret, no identifier of
// a car and no position is ever put in.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/literal.h"

namespace sudare::doctor {

enum class Outcome : std::uint8_t { kOk, kSkipped, kWarning, kProblem };
[[nodiscard]] Literal literal_of(Outcome outcome);

struct Finding {
  std::string check;  // an id of kChecks
  Outcome outcome = Outcome::kOk;
  std::string where;  // "FILE:LINE", a path or a URL; may be empty
  std::string text;
  std::string hint;  // what would fix it; not empty for a warning or a problem
};

// In the order in which they are made and printed. docs/doctor.md explains each.
inline constexpr std::array<std::string_view, 35> kChecks = {
    "config.read",      "config.files",  "disk.space",        "disk.kind",     "disk.sync",
    "machine.core",     "machine.swap",  "state.directory",   "state.left",    "state.keys",
    "state.store",      "state.chains",  "clock.day",         "clock.rtc",     "policy.check",
    "policy.ceiling",   "policy.expiry", "policy.recipients", "policy.serial", "state.car",
    "broker.config",    "broker.listen", "broker.anonymous",  "broker.acl",    "broker.limits",
    "broker.plaintext", "broker.tls",    "local.connect",     "local.exposed", "local.strangers",
    "local.rights",     "cloud.connect", "cloud.tls",         "cloud.unit",    "cloud.strangers",
};

// One thread. Bounded: a check keeps its first kFindingsMax findings and says that there are more.
class Report {
 public:
  static constexpr std::size_t kFindingsMax = 20;

  void add(Finding finding);
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  [[nodiscard]] std::size_t count(Outcome outcome) const;

 private:
  std::vector<Finding> findings_;
};

// One check while it is made. What ends without a finding is told as ok.
class Check {
 public:
  Check(Report& report, std::string_view id) : report_(report), id_(id) {}
  ~Check();
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;

  void problem(std::string text, std::string hint, std::string where = {});
  void warning(std::string text, std::string hint, std::string where = {});
  void skip(std::string why);
  // What is told where nothing was found.
  void ok(std::string text) { ok_ = std::move(text); }
  [[nodiscard]] bool clean() const { return count_ == 0; }

 private:
  void add(Outcome outcome, std::string where, std::string text, std::string hint);

  Report& report_;
  std::string id_;
  std::string ok_;
  std::size_t count_ = 0;
};

}  // namespace sudare::doctor
