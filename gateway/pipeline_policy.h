// Where the gateway's policy comes from: the file that the configuration names, the cloud, and the
// copy of what was in force; and what is served when none of them is right.
//
// Invariants:
//   1. A policy from the cloud is on disk (policy.last-valid), and its floors are, before it is in
//      force. So after a crash at any moment the old one or the new one is.
//   2. The floors never fall: serial, and the serials of each purpose's certificates. Only one
//   above
//      kSerialMax does, which no version keeps that has this bound: nothing could follow it.
//   3. Where the ceiling pins signers, every policy is signed, from wherever it comes: the copy on
//      disk is checked as any other.
// Recovery: load_at_start() takes the file or the copy, whichever is right and has the greater
// serial.
// A library of its own: `sudare doctor` chooses by it which policy a unit will start with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/result.h"
#include "gateway/config/config_plan.h"
#include "gateway/policy/in_use.h"
#include "gateway/policy/load.h"
#include "gateway/policy/updates.h"
#include "gateway/store/store.h"

namespace sudare {

// What was in force on this unit, as the store keeps it, and below which nothing follows.
struct PolicyFloors {
  std::uint64_t serial = 0;  // the greatest of a policy; 0: none yet
  std::string text;          // its text_mark(); empty: none
  // By purpose: the lowest serial of its certificates in a policy that was in force, the greatest
  // of them all. Certificates below it were revoked by leaving them out.
  std::map<std::string, std::uint64_t> certificates;
  // By purpose: the greatest serial of a certificate that was in force. A policy without any for
  // the purpose revokes them all: the floor is above it then.
  std::map<std::string, std::uint64_t> greatest;

  friend bool operator==(const PolicyFloors&, const PolicyFloors&) = default;
};

// Names the text of a policy without its signatures: which signers signed is no other policy.
[[nodiscard]] std::string text_mark(std::string_view file);

// Floors above kSerialMax, as versions kept them that had no such bound, are read as just below it.
// kMalformed: damaged.
[[nodiscard]] Result<PolicyFloors> kept_floors(const Store& store);
// A commit of its own, where something changed. Nothing that is kept is lowered.
[[nodiscard]] Status keep_floors(Store& store, const PolicyFloors& floors);
// Once `policy`, of that file's text, is in force. Where `greatest` lacks a purpose that has a
// floor, as versions kept it that knew no greatest, it is taken to be the floor.
[[nodiscard]] PolicyFloors floors_after(PolicyFloors floors, const Policy& policy,
                                        std::string_view file);

class PolicyFiles {
 public:
  explicit PolicyFiles(const GatewayConfigPlan& plan);

  struct Load {
    std::unique_ptr<const Policy> policy;  // empty where there is an error
    std::string text;
    Diagnostics diagnostics;
    bool is_copy = false;  // of the last one in force; else of the file
  };
  // Descriptor sets, ceiling and policy, all read anew. With a day, also says where the policy is
  // not valid on it. One below the floors is refused: it was superseded.
  [[nodiscard]] Load load(std::optional<std::int64_t> unix_day, const PolicyFloors& floors) const;
  // The same; or, where policies come over the air, the copy of the last one in force, if its
  // serial is the greater one or the file is not right. The diagnostics are the copy's own then,
  // and as warnings those of a file that is not right, or is below the floors.
  [[nodiscard]] Load load_at_start(std::optional<std::int64_t> unix_day,
                                   const PolicyFloors& floors) const;

  // Whether the ceiling pins signers: policies may come from the cloud.
  [[nodiscard]] bool over_the_air() const;

  // A text from the cloud, under the ceiling and descriptor sets as they are now on disk. Its
  // signatures come first: nothing else of what nobody signed is read.
  struct Offer {
    PolicyRefusal refusal = PolicyRefusal::kNone;
    std::unique_ptr<const Policy> policy;  // where it is not refused
    std::uint64_t serial = 0;              // once all checks have passed
    int line = 0;                          // kChecks: of the first error; 0: none
    int column = 0;
  };
  [[nodiscard]] Offer judge(std::string_view text, std::int64_t unix_day,
                            const PolicyFloors& floors) const;

  // At start, where nothing is right: the last policy that was taken over, for its essential
  // purposes. Where there is none or it is not right under the ceiling either, the file of the
  // configuration for those, if an image's ceiling says who receives them and it is right under it
  // but for the floors; else a policy without rules.
  [[nodiscard]] PolicyInUse fallback() const;

  // Keeps a copy of a policy that was taken over in the state directory. On disk when it returns.
  [[nodiscard]] Status remember(std::string_view text) const;
  // Where that copy is.
  [[nodiscard]] std::string remembered_path() const;

 private:
  [[nodiscard]] Load load_text(const std::string& file, std::string text) const;

  const GatewayConfigPlan& plan_;
};

}  // namespace sudare
