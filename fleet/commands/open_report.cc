#include "fleet/commands/open_report.h"

#include <iostream>

#include "fleet/cli/console.h"

namespace sudare::commands {
namespace {

using Json = nlohmann::ordered_json;

// "records 5 to 9 of pseudonym 0123…"
std::string range_text(std::uint64_t first, std::uint64_t count, const std::string& pseudonym) {
  return "records " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
         " of pseudonym " + cli::hex(pseudonym);
}

}  // namespace

Json open_report(const std::string& purpose, const Receiver& receiver, std::uint64_t forgotten) {
  const ReceiverCounts& counts = receiver.counts();
  Json out;
  out["purpose"] = purpose;
  out["files"] = counts.files;
  out["batches"] = counts.batches;
  out["records"] = counts.records;
  out["duplicates"] = counts.duplicates;
  out["forks"] = counts.forks;
  out["verified"] = {{"member", counts.verified_member},
                     {"self", counts.verified_self},
                     {"none", counts.verified_none}};
  out["reported_missing"] = {{"evicted", counts.evicted},
                             {"expired", counts.expired},
                             {"quarantined", counts.quarantined},
                             {"withdrawn", counts.withdrawn}};
  out["forgotten"] = forgotten;
  out["unfollowed"] = counts.unfollowed;
  out["failed"] = counts.failed;
  out["failures"] = counts.failures;
  out["gaps"] = Json::array();
  for (const Gap& gap : receiver.gaps()) {
    out["gaps"].push_back({{"pseudonym", cli::hex(gap.pseudonym)},
                           {"first_record", gap.first},
                           {"record_count", gap.count}});
  }
  out["fork_ranges"] = Json::array();
  for (const Fork& fork : receiver.forks()) {
    out["fork_ranges"].push_back({{"pseudonym", cli::hex(fork.pseudonym)},
                                  {"first_record", fork.first},
                                  {"record_count", fork.count}});
  }
  return out;
}

void tell_summary(const std::string& purpose, const Receiver& receiver, std::uint64_t forgotten) {
  const ReceiverCounts& counts = receiver.counts();
  const std::vector<Gap> gaps = receiver.gaps();
  std::cerr << purpose << ": " << counts.batches << " batches, " << counts.records << " records; "
            << counts.duplicates << " duplicates, " << counts.forks << " forks, " << gaps.size()
            << " gaps, " << counts.failed << " not opened";
  if (forgotten > 0) std::cerr << ", " << forgotten << " records left out by erasure orders";
  std::cerr << "\n";
  for (const Fork& fork : receiver.forks()) {
    cli::report("fork: " + range_text(fork.first, fork.count, fork.pseudonym) +
                    " came twice with different content",
                "a restored backup or a cloned unit; both are kept in the output");
  }
  if (counts.forks > receiver.forks().size()) {
    cli::report(std::to_string(counts.forks - receiver.forks().size()) + " more forks");
  }
  for (const Gap& gap : gaps) {
    cli::report(range_text(gap.first, gap.count, gap.pseudonym) + " are missing",
                "they may still be on their way, or the cloud lost them");
  }
}

}  // namespace sudare::commands
