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

bool clean(const OpenedClips& clips) {
  return clips.counts.damaged == 0 && clips.incomplete.empty();
}

Json open_report(const std::string& purpose, const Receiver& receiver, std::uint64_t forgotten,
                 const OpenedClips& clips) {
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
  out["missing_arrived"] = receiver.missing_arrived();
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
  out["clips"] = {{"complete", clips.counts.complete},
                  {"damaged", clips.counts.damaged},
                  {"chunks", clips.counts.chunks},
                  {"duplicate_chunks", clips.counts.duplicates},
                  {"incomplete", Json::array()}};
  for (const IncompleteClip& clip : clips.incomplete) {
    Json one{{"clip", clip.name}, {"have", clip.have}, {"of", nullptr}, {"missing", clip.missing}};
    if (clip.of > 0) one["of"] = clip.of;
    out["clips"]["incomplete"].push_back(std::move(one));
  }
  return out;
}

void tell_clips(const OpenedClips& clips) {
  const ClipCounts& counts = clips.counts;
  if (counts.chunks + counts.duplicates == 0 && clips.incomplete.empty()) return;
  std::cerr << "clips: " << counts.complete << " complete, " << counts.damaged << " damaged, "
            << clips.incomplete.size() << " incomplete; " << counts.duplicates
            << " duplicate chunks\n";
  for (const IncompleteClip& clip : clips.incomplete) {
    std::string missing;
    for (const auto& [first, count] : clip.missing) {
      missing += (missing.empty() ? " " : ", ") + std::to_string(first);
      if (count > 1) missing += " to " + std::to_string(first + count - 1);
    }
    cli::report("clip " + clip.name + ": " + std::to_string(clip.have) + " chunks of " +
                    (clip.of > 0 ? std::to_string(clip.of) : "an unknown number") +
                    (missing.empty() ? "" : "; missing:" + missing),
                "they may still be on their way; what has come is kept for the next call");
  }
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
